import type { WatchedOrg } from '../../client/watch/look.js';
import { detailsToAsk } from '../../client/watch/work.js';
import { isAnotherTry } from '../../policies/unreachable.js';
import type { OrgSyncProgress } from '../../workflows/contract.js';
import { about, countdown } from './countdown.js';
import { reason } from './obstacles.js';
import { eventsInWords } from './report.js';
import { count, duration, joined, oneLine } from './text.js';

/** How an organization's sync stands, the most important first. */
export const STANDINGS = ['failing', 'failed', 'paused', 'slow', 'well'] as const;
export type Standing = (typeof STANDINGS)[number];

/** What a line about an organization says, the most important first. */
export interface OrgCells {
  standing: Standing;
  /** 0 to 1; `null`: not known. */
  share: number | null;
  what: string;
  state: string;
  rest: string;
}

export function orgCells(org: WatchedOrg, now: Date): OrgCells {
  const { progress, endsAt, failure, obstacles } = org;
  const made = progress === undefined ? '' : madeSoFar(progress);
  const isStarting = failure === undefined && obstacles.length === 0;
  const what = progress === undefined ? (isStarting ? 'starting' : '') : phaseInWords(progress);
  const common = { share: shareOf(org), what };
  if (failure !== undefined) return { ...common, standing: 'failed', state: 'failed', rest: reason(failure) };
  const left = leftInWords(endsAt, now);
  const held = heldUp(org, now) ?? slow(org, now);
  if (held === undefined) return { ...common, standing: 'well', state: left, rest: made };
  const { standing, state, why } = held;
  return { ...common, standing, state: joined([state, left], ', '), rest: joined([why, made], ' · ') };
}

/** `~4 min left`; empty where nothing is expected. */
export function leftInWords(endsAt: Date | undefined, now: Date): string {
  return endsAt !== undefined && endsAt > now ? `${about(endsAt, now)} left` : '';
}

/** 0 to 1; `null`: not known. */
export function shareOf({ progress, work, failure }: WatchedOrg): number | null {
  if (progress?.phase === 'done') return 1;
  if (failure !== undefined || work === undefined || work.left === null) return null;
  return work.done + work.left === 0 ? null : work.done / (work.done + work.left);
}

function phaseInWords(progress: OrgSyncProgress): string {
  const { phase, pages, detailsAsked } = progress;
  if (phase === 'listing') return pages === 0 ? 'listing' : `listing page ${pages.toLocaleString('en')}`;
  if (phase !== 'details') return phase;
  return `details ${detailsAsked.toLocaleString('en')}/${detailsToAsk(progress).toLocaleString('en')}`;
}

function madeSoFar({ pages, events, requests }: OrgSyncProgress): string {
  return `${count(pages, 'page')} · events ${eventsInWords(events)} · ${count(requests, 'request')}`;
}

export interface HeldUp {
  standing: Standing;
  state: string;
  why: string;
}

/** What holds a sync up most; `undefined`: nothing. */
export function heldUp(
  { obstacles, progress }: Pick<WatchedOrg, 'obstacles' | 'progress'>,
  now: Date,
): HeldUp | undefined {
  const found = (kind: string) => obstacles.find((one) => one.kind === kind);
  const first = found('task-failing') ?? found('activity-failing') ?? found('not-taken') ?? found('paused');
  switch (first?.kind) {
    case 'task-failing': {
      const { attempt, failure } = first;
      return { standing: 'failing', state: `cannot go on, attempt ${attempt}`, why: reason(failure) };
    }
    case 'activity-failing': {
      const { attempt, nextAttemptAt: next, failure, activityType } = first;
      const when = next !== undefined && next > now ? `in ${countdown(next, now)}` : 'under way';
      return {
        standing: 'failing',
        state: `attempt ${attempt} ${when}`,
        why: `${reason(failure)} (${oneLine(activityType)})`,
      };
    }
    case 'not-taken':
      return { standing: 'failing', state: 'waits for a worker', why: '' };
    case 'paused': {
      if (first.until <= now) return undefined;
      // How long it is altogether would only confuse beside how long it still is.
      const why = oneLine(first.reason).replace(/(: | in )[\d.]+ s$/, '');
      // What Luma asks for, and what the settings say, is part of a sync.
      const standing = isAnotherTry(first.reason) ? 'failing' : 'paused';
      return { standing, state: `paused ${countdown(first.until, now)}`, why };
    }
    case undefined: {
      const failure = progress?.failure;
      return failure === undefined
        ? undefined
        : { standing: 'failing', state: 'failed', why: reason(failure) };
    }
  }
}

function slow({ isSlow, startedAt }: WatchedOrg, now: Date): HeldUp | undefined {
  if (isSlow !== true || startedAt === undefined) return undefined;
  return { standing: 'slow', state: `for ${duration(now.getTime() - startedAt.getTime())}`, why: '' };
}

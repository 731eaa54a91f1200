import type { WatchedOrg } from '../../client/watch/look.js';
import { detailsToAsk } from '../../client/watch/work.js';
import type { OrgSyncProgress } from '../../workflows/contract.js';
import { about, countdown } from './countdown.js';
import { reason } from './obstacles.js';
import { eventsInWords } from './report.js';
import { count, oneLine } from './text.js';

/** What a line about an organization says, the most important first. */
export interface OrgCells {
  /** 0 to 1; `null`: not known. */
  share: number | null;
  what: string;
  state: string;
  rest: string;
  isTroubled: boolean;
}

export function orgCells(org: WatchedOrg, now: Date): OrgCells {
  const { progress, work, endsAt, failure } = org;
  const made = progress === undefined ? '' : madeSoFar(progress);
  const what = progress === undefined ? (failure === undefined ? 'starting' : '') : phaseInWords(progress);
  const cells = { share: shareOf(org), what, isTroubled: true };
  if (failure !== undefined) return { ...cells, state: 'failed', rest: reason(failure) };
  const left = endsAt !== undefined && endsAt > now ? `${about(endsAt, now)} left` : '';
  const trouble = troubleOf(org, now);
  if (trouble === undefined) {
    const ending = work?.left === 0 ? 'at its end' : '';
    return { ...cells, isTroubled: false, state: left || ending, rest: made };
  }
  const { state, isTroubled } = trouble;
  const rest = [trouble.rest, made].filter((text) => text !== '').join(' · ');
  return { ...cells, isTroubled, state: [state, left].filter((text) => text !== '').join(', '), rest };
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

interface Trouble {
  state: string;
  rest: string;
  /** Not a pause that Luma asks for: these are part of a sync. */
  isTroubled: boolean;
}

function troubleOf({ obstacles, progress }: WatchedOrg, now: Date): Trouble | undefined {
  const found = (kind: string) => obstacles.find((one) => one.kind === kind);
  const first = found('task-failing') ?? found('activity-failing') ?? found('not-taken') ?? found('paused');
  switch (first?.kind) {
    case 'task-failing':
      return {
        state: `cannot go on, attempt ${first.attempt}`,
        rest: reason(first.failure),
        isTroubled: true,
      };
    case 'activity-failing': {
      const { attempt, nextAttemptAt: next, failure } = first;
      const when = next !== undefined && next > now ? `in ${countdown(next, now)}` : 'under way';
      return { state: `attempt ${attempt} ${when}`, rest: reason(failure), isTroubled: true };
    }
    case 'not-taken':
      return { state: 'waits for a worker', rest: '', isTroubled: true };
    case 'paused': {
      if (first.until <= now) return undefined;
      // How long it is altogether would only confuse beside how long it still is.
      const why = oneLine(first.reason).replace(/: [\d.]+ s$/, '');
      const isTroubled = !why.startsWith('Luma asks') && !why.startsWith('Pause');
      return { state: `paused ${countdown(first.until, now)}`, rest: why, isTroubled };
    }
    case undefined:
      return progress?.failure === undefined
        ? undefined
        : { state: 'failed', rest: reason(progress.failure), isTroubled: true };
  }
}

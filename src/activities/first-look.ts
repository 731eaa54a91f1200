import { Context } from '@temporalio/activity';
import { noEvents } from '../events/counts.js';
import { beginning, type NewStagedPage } from '../mongo/staged-pages.js';
import { newProgress, reportOf } from '../workflows/report.js';
import { type CloseOrgSyncOutput, endSync } from './close-org-sync.js';
import { type ActivityDependencies, DEFAULT_SLICE } from './dependencies.js';
import { type FetchLumaPagesOutput, walkListing } from './fetch-luma-pages.js';
import type { RequestTally } from './heartbeat.js';
import { readStored } from './news.js';
import {
  announceSync,
  claimSync,
  openCalendar,
  type OpenOrgSyncInput,
  type OpenOrgSyncOutput,
} from './open-org-sync.js';

export interface FirstLookInput extends OpenOrgSyncInput {
  partOf?: string;
}

/** As far as the look came; the sync goes on from there. */
export interface FirstLookOutput {
  opened: OpenOrgSyncOutput;
  slice?: FetchLumaPagesOutput;
  /** Nothing is new: the sync is closed. */
  closed?: CloseOrgSyncOutput & { finishedAt: string };
}

/** A longer look is no look: queries and cancellation wait for it. */
const LOOK_MS = 4_000;

/**
 * Opens, lists and, where nothing at all is new, closes a sync: most days it is all there is to do. One short activity,
 * on the worker that runs the workflow. Whatever takes longer, or has news, is handed over to the other activities,
 * which go on with what is staged; only then is the sync said to be under way.
 */
export function firstLook(deps: ActivityDependencies) {
  const now = deps.now ?? deps.store.now;
  const slice = { ...DEFAULT_SLICE, ...deps.slice };
  const limits = { ...slice, durationMs: Math.min(slice.durationMs, LOOK_MS) };

  return async (input: FirstLookInput): Promise<FirstLookOutput> => {
    const { window, workflowId, partOf, startedAt } = input;
    const signal = Context.current().cancellationSignal;
    const tally: RequestTally = { requests: 0 };
    const org = await deps.store.organizations.get(input.orgId);
    // All is well where a look closes a sync: there is something to tell only where people think that it is not.
    const toTell = deps.notify !== undefined && org.isTold ? { toTell: true as const } : {};
    const before = org.lastSyncId === input.syncId ? await closedBefore(deps, input.syncId) : null;
    if (before !== null) return { ...before, closed: { ...before.closed, ...toTell } };
    const begunAt = now();
    const scope = await claimSync(deps, org, input, 'first-look');
    const [opened, stored] = await Promise.all([
      openCalendar(deps, scope, { tally, signal }),
      readStored(deps.store, scope.org._id),
    ]);
    if (opened.calendarId === null || opened.pauseMs > 0) {
      await announceSync(deps, org, input);
      return { opened };
    }

    const asked = tally.requests;
    // Most listings bring no news: none of their pages is ever stored.
    const pages: NewStagedPage[] = [];
    let handsOver = false;
    const stage = async (page: NewStagedPage) => {
      pages.push(page);
      handsOver ||= page.applied === undefined;
      if (handsOver) await deps.store.stagedPages.add(...pages.splice(0));
    };
    const walk = { window, limits, tally, signal, stage, stored, ahead: true, atHandMs: LOOK_MS };
    const { stand, wait, shapes } = await walkListing(deps, scope, beginning(), walk);
    const listed = { ...stand, ...wait, ...tally, requests: tally.requests - asked };
    const isNew = stand.hasNews || stand.detailsDue > 0 || stand.inQuestion > 0;
    if (!stand.complete || isNew || wait.trouble !== undefined || signal.aborted) {
      await deps.store.stagedPages.add(...pages);
      await announceSync(deps, org, input);
      return { opened, slice: listed };
    }

    const finishedAt = now().toISOString();
    const progress = newProgress(input, input.syncId);
    progress.pages = stand.throughSeq;
    progress.requests = tally.requests;
    progress.events = { ...progress.events, seen: stand.seen, unchanged: stand.same };
    const report = reportOf(progress, { calendarId: opened.calendarId, startedAt, finishedAt });
    const closing = { workflowId, end: { state: 'complete' as const }, report, partOf, window };
    const firstLook = { org, at: begunAt };
    const ended = { _id: org._id, shapes, removalsHeld: 0, lastSource: org.lastSource, firstLook };
    const closed = await endSync(deps, closing, ended);
    return { opened, slice: listed, closed: { ...closed, finishedAt, ...toTell } };
  };
}

/**
 * What a first look said that has closed this sync, and was not heard: its worker was killed, or a cancellation came, before
 * Temporal had its answer.
 */
async function closedBefore(
  { store }: ActivityDependencies,
  syncId: string,
): Promise<Required<FirstLookOutput> | null> {
  const report = await store.runs.get(syncId);
  if (report?.state !== 'complete') return null;
  const { calendarId = null, pages = 0, events = noEvents(), requests = 0, drift = [], finishedAt } = report;
  const { source, sourceBefore } = report;
  const listing = { throughSeq: pages, complete: true, seen: events.seen, same: events.unchanged };
  return {
    opened: { calendarId, requests: 0, pauseMs: 0 },
    slice: { ...listing, hasNews: false, detailsDue: 0, inQuestion: 0, requests, pauseMs: 0 },
    closed: { drift, source, sourceBefore, finishedAt: (finishedAt ?? new Date(0)).toISOString() },
  };
}

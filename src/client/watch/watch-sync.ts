import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { TemporalUnavailable } from '../errors.js';
import type { SyncRun } from '../sync-run.js';
import type { SyncLook, TemporalAway } from './look.js';

/** One look takes a few small requests, and one more for each organization that runs: with many, they come less often. */
const EVERY_MS = 1_000;
const MORE_FOR_EACH_MS = 25;

export interface WatchSyncOptions {
  signal?: AbortSignal;
  everyMs?: number;
}

/**
 * Looks at a sync and at those it started, again and again, until it has ended (well or not) or `signal` aborts. While
 * Temporal does not answer, the last look is told with `away`. Never throws for the sync's own failure, nor where Temporal
 * stays away: `result()` does.
 */
export async function watchSync(
  run: Pick<SyncRun<unknown, unknown>, 'result' | 'look' | 'workflowId' | 'outageLimitMs'>,
  onLook: (look: SyncLook) => void,
  { signal, everyMs = EVERY_MS }: WatchSyncOptions = {},
): Promise<void> {
  const ended = new AbortController();
  const wake = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const isSeen = run
    .result()
    .then(
      () => true,
      (error: unknown) => !(error instanceof TemporalUnavailable),
    )
    .finally(() => ended.abort());
  const isWoken = (): boolean => wake.aborted;
  const isLeft = (): boolean => signal?.aborted === true;
  let last: SyncLook = { at: new Date(), workflowId: run.workflowId, orgs: [], obstacles: [] };
  let since: Date | undefined;

  async function look(): Promise<SyncLook> {
    try {
      last = await run.look();
      since = undefined;
    } catch (error) {
      if (!(error instanceof TemporalUnavailable)) return last;
      since ??= new Date();
      last = { ...withoutEnds(last), at: new Date(), away: awayOf(error, since, run.outageLimitMs) };
    }
    return last;
  }

  while (!isWoken()) {
    // One that takes long, as where Temporal is away, keeps nobody from leaving.
    const seen = await unlessWoken(look, wake);
    if (seen === undefined || isWoken()) break;
    onLook(seen);
    const pauseMs = everyMs + seen.orgs.length * MORE_FOR_EACH_MS;
    await delay(pauseMs, undefined, { signal: wake }).catch(() => undefined);
  }
  if (isLeft() || !(await isSeen)) return;
  const end = await look();
  if (!isLeft()) onLook(end);
}

/** `undefined`: the signal came first. */
async function unlessWoken<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const over = new AbortController();
  const woken = once(signal, 'abort', { signal: over.signal }).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work(), woken]);
  } finally {
    over.abort();
  }
}

/** How long an outage takes cannot be known. */
function withoutEnds(look: SyncLook): SyncLook {
  const orgs = look.orgs.map((org) => ({ ...org, endsAt: undefined }));
  return { ...look, orgs, endsAt: undefined };
}

function awayOf({ address, reason }: TemporalUnavailable, since: Date, outageLimitMs: number): TemporalAway {
  return { address, reason, since, until: new Date(since.getTime() + outageLimitMs) };
}

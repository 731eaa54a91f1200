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
  const end = (): void => ended.abort();
  const watching = run.result().then(end, end);
  const wake = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const isLeft = () => signal?.aborted === true;
  let last: SyncLook = { at: new Date(), workflowId: run.workflowId, orgs: [], obstacles: [] };
  let since: Date | undefined;

  async function look(): Promise<void> {
    try {
      last = await run.look();
      since = undefined;
    } catch (error) {
      if (!(error instanceof TemporalUnavailable) || wake.aborted) return;
      since ??= new Date();
      last = { ...last, at: new Date(), away: awayOf(error, since, run.outageLimitMs) };
    }
    if (!isLeft()) onLook(last);
  }

  while (!wake.aborted) {
    await look();
    const pauseMs = everyMs + last.orgs.length * MORE_FOR_EACH_MS;
    await delay(pauseMs, undefined, { signal: wake }).catch(() => undefined);
  }
  if (isLeft()) return;
  await look();
  await watching;
}

function awayOf({ address, reason }: TemporalUnavailable, since: Date, outageLimitMs: number): TemporalAway {
  return { address, reason, since, until: new Date(since.getTime() + outageLimitMs) };
}

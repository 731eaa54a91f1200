/** A calendar's events without Temporal, for scripts: it waits in the process and forgets everything when that ends. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { ObservedEvent, QuarantinedEntry } from '../events/event.js';
import { DEFAULT_LUMA_BASE_URL } from './base-url.js';
import { createLumaClient, type Answer, type LumaClientOptions, type LumaPage } from './client.js';
import { LumaPaginationBroken, LumaRateLimited, LumaUnavailable } from './errors.js';
import { mapEntry } from './mapping.js';
import { backoff, MAX_PAUSE_MS, pauseAfterRepeats } from '../pacing.js';
import { pauseBeforeNext } from './rate-limit.js';

const PAGE_CAP = 2_000;
/** Attempts after the first, for one page. */
const RETRY_LIMIT = 5;
/** 429s in a row, each waited out, before the calendar counts as stuck. */
const BLOCK_LIMIT = 5;

export interface LumaPause {
  pauseMs: number;
  /** Luma asked for it with a 429; its budget is nearly used; it could not be reached. */
  reason: 'rate-limited' | 'budget' | 'unavailable';
}

export interface FetchLumaEventsOptions extends Pick<LumaClientOptions, 'allowHttp' | 'proxies'> {
  /** Only events that start at or after this instant, ISO 8601. */
  after?: string;
  /** Only events that start before this instant, ISO 8601. */
  before?: string;
  /** Default: Luma's public host. */
  baseUrl?: string;
  /** Ends the iteration, a pause included, with the signal's reason. */
  signal?: AbortSignal;
  /** Called before each pause. */
  onPause?: (pause: LumaPause) => void;
  /** How to wait; default: timers. Must reject once the signal is aborted. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface FetchedPage {
  events: ObservedEvent[];
  /** Entries that cannot be trusted; they stop nothing else. */
  quarantined: QuarantinedEntry[];
  hasMore: boolean;
}

/**
 * Walks a calendar's listing page by page, in order of start. It ends only after the last page: whatever keeps it
 * from there is thrown, so that a listing cut short is never taken for a whole one.
 *
 * @throws one of errors.ts: LumaUnavailable after five repetitions, LumaRateLimited when Luma asks for more than
 *   15 minutes or again and again, the others at once
 * @example
 * for await (const page of fetchLumaEvents(apiKey, { after: new Date().toISOString() })) {
 *   for (const { fields } of page.events) show(fields.title, fields.startAt);
 * }
 */
export async function* fetchLumaEvents(
  apiKey: string,
  options: FetchLumaEventsOptions = {},
): AsyncGenerator<FetchedPage, void, undefined> {
  const { after, before, signal, allowHttp, proxies, baseUrl = DEFAULT_LUMA_BASE_URL } = options;
  const client = createLumaClient({ baseUrl, allowHttp, proxies });
  const pause = pauser(options);
  const cursors = new Set<string>();

  let cursor: string | undefined;
  for (let pages = 0; pages < PAGE_CAP; pages += 1) {
    const ask = () => client.listEvents(apiKey, { after, before, cursor, signal });
    const { value, budget } = await persistently(ask, pause);
    yield { ...mapPage(value), hasMore: value.hasMore };
    if (value.nextCursor === null) return;

    cursor = value.nextCursor;
    if (cursors.has(cursor)) throw broken('the cursor repeats');
    cursors.add(cursor);
    const pauseMs = pauseBeforeNext(budget);
    if (pauseMs > 0) await pause({ pauseMs, reason: 'budget' });
  }
  throw broken(`more than ${PAGE_CAP} pages`);
}

function broken(problem: string): LumaPaginationBroken {
  return new LumaPaginationBroken('/v1/calendars/events/list', problem);
}

function mapPage(page: LumaPage): Omit<FetchedPage, 'hasMore'> {
  const mapped = page.entries.map((entry) => mapEntry(entry));
  return {
    events: mapped.flatMap((entry) => ('event' in entry ? [entry.event] : [])),
    quarantined: mapped.flatMap((entry) => ('quarantined' in entry ? [entry.quarantined] : [])),
  };
}

type Pause = (pause: LumaPause) => Promise<void>;

function pauser({ onPause, signal, sleep = realSleep }: FetchLumaEventsOptions): Pause {
  return async (pause) => {
    onPause?.(pause);
    await sleep(pause.pauseMs, signal);
  };
}

async function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleepFor(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    // The timer hides the caller's reason behind an error of its own.
    signal?.throwIfAborted();
    throw error;
  }
}

async function persistently(ask: () => Promise<Answer<LumaPage>>, pause: Pause): Promise<Answer<LumaPage>> {
  let blocks = 0;
  let failures = 0;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof LumaRateLimited && error.pauseMs <= MAX_PAUSE_MS && blocks < BLOCK_LIMIT) {
        blocks += 1;
        await pause({ pauseMs: pauseAfterRepeats(error.pauseMs, blocks), reason: 'rate-limited' });
      } else if (error instanceof LumaUnavailable && failures < RETRY_LIMIT) {
        blocks = 0;
        failures += 1;
        await pause({ pauseMs: backoff(failures, error.retryAfterMs), reason: 'unavailable' });
      } else {
        throw error;
      }
    }
  }
}

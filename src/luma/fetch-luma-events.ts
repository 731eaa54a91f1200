/** A calendar's events without Temporal, for scripts: it waits in the process and forgets everything when that ends. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { ObservedEvent, QuarantinedEntry } from '../events/event.js';
import { DEFAULT_LUMA_BASE_URL } from './base-url.js';
import { createLumaApi, type Answer, type LumaApiOptions, type LumaPage } from './api.js';
import { LumaRateLimited, LumaUnavailable } from './errors.js';
import { mapEntry } from './mapping.js';
import { pauseAfterRepeats, whyStuck } from '../policies/pause.js';
import { backoff, MAX_TRIES_OF_A_SCRIPT } from '../policies/unreachable.js';
import { firstPage, walkPages } from './walk-pages.js';

export interface LumaPause {
  pauseMs: number;
  /** Luma asked for it with a 429; its budget is nearly used; it could not be reached. */
  reason: 'rate-limited' | 'budget' | 'unavailable';
}

export interface FetchLumaEventsOptions extends Pick<LumaApiOptions, 'allowHttp' | 'proxies'> {
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
  const client = createLumaApi({ baseUrl, allowHttp, proxies });
  const pause = pauser(options);
  const ask = (_: number, cursor: string | null) =>
    persistently(() => client.listEvents(apiKey, { after, before, cursor, signal }), pause);
  for await (const { page, pauseMs } of walkPages(firstPage(), { ask })) {
    yield { ...mapPage(page), hasMore: page.hasMore };
    if (page.hasMore && pauseMs > 0) await pause({ pauseMs, reason: 'budget' });
  }
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
    await sleepFor(ms, undefined, { signal });
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
      if (error instanceof LumaRateLimited && whyStuck(error.pauseMs, blocks + 1) === null) {
        blocks += 1;
        await pause({ pauseMs: pauseAfterRepeats(error.pauseMs, blocks), reason: 'rate-limited' });
      } else if (error instanceof LumaUnavailable && failures + 1 < MAX_TRIES_OF_A_SCRIPT) {
        blocks = 0;
        failures += 1;
        await pause({ pauseMs: backoff(failures, error.retryAfterMs), reason: 'unavailable' });
      } else {
        throw error;
      }
    }
  }
}

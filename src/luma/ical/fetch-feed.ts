/** One request for a calendar's public feed. It carries no key, and follows no redirect. */
import type { Answer, FeedOptions } from '../api.js';
import { BodyTooLarge, readBody } from '../body.js';
import { LumaContractBroken, LumaForbidden, LumaRateLimited, LumaUnavailable } from '../errors.js';
import { askCaller, oneRequest } from '../one-request.js';
import { pauseAfterRateLimit, readBudget, readRetryAfter } from '../rate-limit.js';
import type { RequestSettings } from '../request.js';
import type { TransportAnswer } from '../transport.js';
import { CUT_OFF, FOREIGN_ANSWER } from '../trouble.js';
import { eventIdOf } from './event-id.js';
import type { FeedAddress } from './feed-address.js';
import type { FeedEntry } from './properties.js';
import { readFeed } from './read-feed.js';

export const FEED_ENDPOINT = '/ics/get';
const MAX_FEED_BYTES = 20 * 1024 * 1024;

export interface LumaFeed {
  /** The calendar's name, where the feed has it. */
  name?: string;
  /** In order of their start. */
  entries: FeedEntry[];
}

/** @throws LumaForbidden, LumaContractBroken, LumaRateLimited, LumaUnavailable; the reason of an aborted signal */
export async function fetchFeed(
  settings: Omit<RequestSettings, 'baseUrl' | 'maxBodyBytes' | 'windows'>,
  address: FeedAddress,
  { signal, beforeReading }: FeedOptions,
): Promise<Answer<LumaFeed>> {
  const request = { endpoint: FEED_ENDPOINT, timeoutMs: settings.requestTimeoutMs, signal };
  const body = await oneRequest(request, async (limited) => {
    const headers = { accept: 'text/calendar', 'user-agent': settings.userAgent };
    const response = await settings.transport(address.url, { headers, redirect: 'manual', signal: limited });
    if (response.status !== 200) throw refusalOf(response, settings.now());
    const read = await readBody(response, MAX_FEED_BYTES).catch((error: unknown) => {
      if (!(error instanceof BodyTooLarge)) throw error;
      throw new LumaContractBroken(FEED_ENDPOINT, error.message, { status: 200 });
    });
    await askCaller(beforeReading);
    return read;
  });
  const feed = await readFeed(body);
  signal?.throwIfAborted();
  if (feed === 'cut-off') throw new LumaUnavailable(FEED_ENDPOINT, { status: 200, code: CUT_OFF });
  if (typeof feed === 'string') throw new LumaContractBroken(FEED_ENDPOINT, feed, { status: 200 });
  markRepeated(feed.entries);
  const entries = feed.entries.toSorted(byStart);
  // What headers say of a budget is about no next page: there is none to be asked for.
  return { value: { ...feed, entries }, budget: {} };
}

/**
 * What an answer means that is not 200. An unknown calendar and one that is not public have no form that tells them
 * from a proxy's refusal: of all of these nothing but a failed sync follows.
 */
function refusalOf({ status, headers }: TransportAnswer, nowMs: number): Error {
  const details = { status };
  if (status === 429) {
    const budget = readBudget(headers, nowMs);
    return new LumaRateLimited(FEED_ENDPOINT, pauseAfterRateLimit(headers, nowMs), budget);
  }
  if (status === 408 || status >= 500) {
    return new LumaUnavailable(FEED_ENDPOINT, { ...details, retryAfterMs: readRetryAfter(headers, nowMs) });
  }
  if (status >= 400) return new LumaForbidden(FEED_ENDPOINT, details);
  if (status >= 300) return new LumaUnavailable(FEED_ENDPOINT, { ...details, code: FOREIGN_ANSWER });
  return new LumaContractBroken(FEED_ENDPOINT, 'unexpected status', details);
}

/** Of two events with one id nothing tells which is right. */
function markRepeated(entries: readonly FeedEntry[]): void {
  const met = new Map<string, FeedEntry[]>();
  for (const entry of entries) {
    const id = eventIdOf(entry.values.UID);
    const same = id === undefined ? undefined : met.get(id);
    if (same !== undefined) same.push(entry);
    else if (id !== undefined) met.set(id, [entry]);
  }
  for (const same of met.values()) {
    if (same.length < 2) continue;
    for (const { problems } of same) problems.push({ path: 'UID', problem: 'repeated' });
  }
}

function byStart(a: FeedEntry, b: FeedEntry): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : Number(left > right);
}

/** Two entries with the same one are on the same page. */
export function sortKey({ values: { DTSTART = '', UID = '' } }: FeedEntry): string {
  return `${DTSTART.slice(0, 40)} ${UID.slice(0, 200)}`;
}

import { LIST_ENDPOINT, type Answer, type LumaPage } from './api.js';
import type { EntryReader } from './calendar-source.js';
import { looksLikeEvent } from './entry.js';
import { LumaContractBroken, LumaPaginationBroken } from './errors.js';
import { LISTING } from './limits.js';
import { pauseBeforeNext } from './rate-limit.js';

/** How far a listing was walked. */
export interface WalkPosition {
  /** Pages behind it. */
  pages: number;
  /** The cursor of the next page; `null` before the first one. */
  cursor: string | null;
  /** Every cursor met, to notice one that repeats. Grows as the walk goes on. */
  cursorsMet: Set<string>;
  /** Entries so far, and how many of them look like events at all. */
  entries: number;
  eventLike: number;
}

export interface WalkedPage<A> {
  /** From 1. */
  seq: number;
  page: LumaPage;
  answer: A;
  /** Entries that look like events, usable or not. */
  eventLike: number;
  /** How long to wait before the next page is asked for, ms. */
  pauseMs: number;
  /** The next page is asked for already. */
  isAhead: boolean;
}

export interface WalkMeans<A> {
  /** Makes one request. What it throws ends the walk. */
  ask: (seq: number, cursor: string | null) => Promise<A>;
  /** Default 2,000. */
  maxPages?: number;
  /** What kind of listing it is. Default: the API's. */
  entries?: Pick<EntryReader, 'endpoint' | 'looksLikeEvent'>;
  /** Whether the next page may be asked for while this one is looked at. Default: not. */
  mayAskAhead?: () => boolean;
}

const API = { endpoint: LIST_ENDPOINT, looksLikeEvent };

/** Where a listing begins. */
export function firstPage(): WalkPosition {
  return { pages: 0, cursor: null, cursorsMet: new Set(), entries: 0, eventLike: 0 };
}

/**
 * Walks a listing from a position to its end, page by page. It ends by itself only after the last page: whatever keeps
 * it from there is thrown.
 * @throws LumaPaginationBroken, LumaContractBroken where nothing in a whole listing looks like an event
 */
export async function* walkPages<A extends Answer<LumaPage>>(
  from: WalkPosition,
  { ask, maxPages = LISTING.pages, mayAskAhead = () => false, entries: reader = API }: WalkMeans<A>,
): AsyncGenerator<WalkedPage<A>, void, undefined> {
  let { cursor, entries, eventLike } = from;
  let underWay: Promise<A> | null = null;
  for (let seq = from.pages + 1; ; seq += 1) {
    if (seq > maxPages) throw new LumaPaginationBroken(reader.endpoint, `more than ${maxPages} pages`);
    const answer = await (underWay ?? ask(seq, cursor));
    underWay = null;
    const { value: page, budget } = answer;
    cursor = page.nextCursor;
    if (cursor !== null) {
      if (from.cursorsMet.has(cursor)) throw new LumaPaginationBroken(reader.endpoint, 'a cursor repeats');
      from.cursorsMet.add(cursor);
    }
    const pauseMs = pauseBeforeNext(budget);
    if (page.hasMore && pauseMs === 0 && seq < maxPages && mayAskAhead()) {
      underWay = ask(seq + 1, cursor);
      // Of one that is not waited for any more: no unhandled rejection.
      underWay.catch(() => undefined);
    }
    const eventLikeHere = page.entries.filter((entry) => reader.looksLikeEvent(entry)).length;
    entries += page.entries.length;
    eventLike += eventLikeHere;
    if (!page.hasMore && entries > 0 && eventLike === 0) {
      throw new LumaContractBroken(reader.endpoint, `none of ${entries} entries looks like an event`);
    }
    yield { seq, page, answer, eventLike: eventLikeHere, pauseMs, isAhead: underWay !== null };
    if (!page.hasMore) return;
  }
}

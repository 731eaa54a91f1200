import { whyDetailsAreDue } from '../events/details-due.js';
import { isInside, type SyncWindow } from '../events/window.js';
import { observeShape } from '../luma/drift.js';
import { looksLikeEvent } from '../luma/entry.js';
import { LumaContractBroken, LumaPaginationBroken } from '../luma/errors.js';
import { mapEntry } from '../luma/mapping.js';
import { pauseBeforeNext } from '../luma/rate-limit.js';
import type { EventIndex } from '../mongo/events.js';
import { type ListingPosition, type NewStagedPage, withoutNews } from '../mongo/staged-pages.js';
import {
  type ActivityDependencies,
  DEFAULT_DETAILS,
  DEFAULT_SLICE,
  type SliceBudget,
} from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { type RequestTally, underHeartbeat } from './heartbeat.js';
import { askedEvents, divide } from './news.js';
import { sortMapped } from './sort-mapped.js';
import { suspectAnswers } from './suspect-answers.js';
import { enterSync, type SyncIds, type SyncScope } from './sync-scope.js';
import { NO_WAIT, type Wait, waitAfter } from './wait.js';

export interface FetchLumaPagesInput extends SyncIds {
  window?: SyncWindow;
  /** Pages that an earlier call staged: fewer than these, and they have expired. Default 0. */
  stagedSeq?: number;
  /** A call fetches one page only, so that the workflow can pause between pages. */
  onePage?: boolean;
}

/** How a listing stands. All counts are of the whole listing so far, by whichever attempt. */
export interface ListingStand {
  /** Sequence of the last page staged; 0: none. */
  throughSeq: number;
  /** The listing reached its end. */
  complete: boolean;
  /** Entries of all kinds, and events about which nothing new was said. */
  seen: number;
  same: number;
  /** Some page has news, applied meanwhile or not. */
  hasNews: boolean;
  /** Of the events without news, those whose details are to be asked for. Once the listing is complete. */
  detailsDue: number;
  /** Stored events that the listing did not show, or showed as not for readers. Once it is complete. */
  inQuestion: number;
}

export interface FetchLumaPagesOutput extends Wait, ListingStand {
  requests: number;
}

const ENDPOINT = '/v1/calendars/events/list';

/**
 * Fetches a slice of a calendar's listing. Every page is validated, mapped, compared and staged before the next one is
 * asked for, so that what is staged is the progress: a retry, another worker or a later run goes on behind it. Of a
 * page its news is staged in full, the rest as ids.
 */
export function fetchLumaPages(deps: ActivityDependencies) {
  const slice = { ...DEFAULT_SLICE, ...deps.slice };

  return async (input: FetchLumaPagesInput): Promise<FetchLumaPagesOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, window, stagedSeq = 0, onePage } = input;
      const scope = await enterSync(deps, input);
      const { stagedPages } = deps.store;
      const position = await stagedPages.position(syncId);
      if (position.pages < stagedSeq) throw new StagedPagesMissing(syncId);
      const limits = onePage === true ? { ...slice, durationMs: 0 } : slice;
      const stage = (page: NewStagedPage) => stagedPages.add(page);
      const options = { window, limits, tally, signal, stage };
      const { stand, wait } = await walkListing(deps, scope, position, options);
      return { ...stand, ...wait, requests: tally.requests };
    });
}

export interface WalkOptions {
  window: SyncWindow | undefined;
  limits: SliceBudget;
  tally: RequestTally;
  signal: AbortSignal;
  /** Takes each page before the next one is asked for. */
  stage: (page: NewStagedPage) => Promise<void>;
}

export interface WalkedListing {
  stand: ListingStand;
  wait: Wait;
  /** Of the pages fetched now. */
  shapes: NonNullable<NewStagedPage['shape']>[];
}

/** Walks the listing from a position on, until a limit is reached or Luma has to be waited for. */
export async function walkListing(
  deps: ActivityDependencies,
  scope: SyncScope,
  position: ListingPosition,
  { window, limits, tally, signal, stage }: WalkOptions,
): Promise<WalkedListing> {
  const { luma, store } = deps;
  const now = deps.now ?? store.now;
  const { org, syncId, apiKey, allowed, fenceId, full } = scope;
  const suspects = suspectAnswers(store.fences, fenceId, syncId);
  let { pages: seq, cursor, complete, entries, eventLike, same, hadNews } = position;
  const stored = await store.events.index(org._id);
  const known = { stored, waiting: position.waiting, asked: await askedEvents(store, org._id), full };
  /** Whole where the listing began here. */
  const met = {
    seen: new Set<string>(),
    hidden: new Set<string>(),
    same: new Set<string>(),
    undescribed: new Set<string>(),
  };
  const shapes: WalkedListing['shapes'] = [];

  async function ended(wait: Wait): Promise<WalkedListing> {
    const stand = { throughSeq: seq, complete, seen: entries, same, hasNews: hadNews };
    const atEnd = complete ? await endOfListing() : { detailsDue: 0, inQuestion: 0 };
    return { stand: { ...stand, ...atEnd }, wait, shapes };
  }

  async function endOfListing(): Promise<Pick<ListingStand, 'detailsDue' | 'inQuestion'>> {
    const whole = position.pages === 0 ? met : await readMet();
    const detailsDue = await settleSame(deps, scope, { ...whole, stored });
    return { detailsDue, inQuestion: await countInQuestion(whole) };
  }

  async function readMet(): Promise<typeof met> {
    const { sameUndescribed, ...listed } = await store.stagedPages.listed(syncId);
    return { ...listed, undescribed: new Set(sameUndescribed) };
  }

  async function countInQuestion({ seen, hidden }: typeof met): Promise<number> {
    const isUnmet = (id: string) => !seen.has(id) || hidden.has(id);
    const unmet = [...stored].filter(([id]) => isUnmet(id)).map(([, event]) => event);
    if (unmet.every(({ fingerprint, startAt }) => fingerprint !== null && startAt !== null)) {
      return unmet.filter(({ startAt }) => startAt !== null && isInside(startAt, window)).length;
    }
    // Documents of another program may be none of Luma's events: MongoDB looks closer.
    const expected = await store.events.expected(org._id, window);
    return expected.filter(({ lumaEventId }) => isUnmet(lumaEventId)).length;
  }

  const begun = now().getTime();
  let left = limits.pages;
  while (!complete) {
    if (seq >= limits.listingPages) {
      throw new LumaPaginationBroken(ENDPOINT, `more than ${limits.listingPages} pages`);
    }
    const observedAt = now();
    let answer;
    try {
      tally.requests++;
      answer = await luma.listEvents(apiKey, {
        ...window,
        cursor: cursor ?? undefined,
        limit: limits.entriesPerPage,
        signal,
        beforeReading: () => suspects.reading(`page ${seq + 1} of the listing`),
      });
    } catch (error) {
      return await ended(waitAfter(error));
    }
    const { value: page, budget } = answer;
    if (page.nextCursor !== null && position.cursorsMet.has(page.nextCursor)) {
      throw new LumaPaginationBroken(ENDPOINT, 'a cursor repeats');
    }
    entries += page.entries.length;
    const eventLikeHere = page.entries.filter(looksLikeEvent).length;
    eventLike += eventLikeHere;
    if (!page.hasMore && entries > 0 && eventLike === 0) {
      throw new LumaContractBroken(ENDPOINT, `none of ${entries} entries looks like an event`);
    }
    const sorted = sortMapped(page.entries.map(mapEntry), allowed);
    const divided = divide(sorted, known);
    const { hidden, quarantined } = sorted;
    const shape = observeShape(page.entries);
    const sameIds = idsOf(divided.same);
    const open = new Set(idsOf(undescribedOf(divided.same)));
    await stage({
      ...{ syncId, orgId: org._id, phase: 'listing', seq: seq + 1, observedAt },
      ...{ entries: page.entries.length, eventLike: eventLikeHere },
      ...{ events: divided.news, same: sameIds, hidden, quarantined, shape },
      ...{ undescribed: undescribedOf(divided.news), sameDescribed: sameIds.filter((id) => !open.has(id)) },
      ...{ nextCursor: page.nextCursor, hasMore: page.hasMore },
      ...(divided.hasNews ? {} : { applied: withoutNews(observedAt) }),
    });
    seq++;
    cursor = page.nextCursor;
    complete = !page.hasMore;
    same += divided.same.length;
    hadNews ||= divided.hasNews;
    shapes.push(shape);
    for (const id of sameIds) met.same.add(id);
    for (const id of open) met.undescribed.add(id);
    for (const { lumaEventId } of sorted.events) {
      met.seen.add(lumaEventId);
      met.hidden.delete(lumaEventId);
    }
    for (const { lumaEventId } of hidden) {
      met.seen.add(lumaEventId);
      met.hidden.add(lumaEventId);
    }
    for (const { lumaEventId } of quarantined) if (lumaEventId !== null) met.seen.add(lumaEventId);
    if (cursor !== null) position.cursorsMet.add(cursor);
    if (complete) break;
    const pauseMs = pauseBeforeNext(budget);
    if (pauseMs > 0) return await ended({ pauseMs });
    if (divided.hasNews) left--;
    if (left <= 0 || now().getTime() - begun >= limits.durationMs) break;
  }
  return await ended(NO_WAIT);
}

interface SameEvents {
  same: ReadonlySet<string>;
  undescribed: ReadonlySet<string>;
  stored: EventIndex;
}

/**
 * What is remembered of events without news, at the end of a listing: those that were missed before are not any more,
 * and some have to be asked for their details all the same.
 * @returns how many
 */
async function settleSame(
  deps: ActivityDependencies,
  { org, syncId, dryRun }: SyncScope,
  { same, undescribed, stored }: SameEvents,
): Promise<number> {
  const { store } = deps;
  if (same.size === 0) return 0;
  const states = await store.states.all(org._id);
  const missed = [...same].filter((id) => states.get(id)?.missedIn !== undefined);
  if (missed.length > 0 && !dryRun) {
    const changes = missed.map((lumaEventId) => ({ lumaEventId, unset: ['missedIn' as const] }));
    await store.fences.write(org._id, syncId, (write) => store.states.change(write, changes));
  }
  const { maxAgeMs } = { ...DEFAULT_DETAILS, ...deps.details };
  const clock = { now: (deps.now ?? store.now)(), maxAgeMs };
  return [...undescribed].filter((id) => {
    const startAt = stored.get(id)?.startAt ?? null;
    return startAt !== null && whyDetailsAreDue(states.get(id) ?? {}, startAt, clock) !== null;
  }).length;
}

function undescribedOf(events: ReturnType<typeof sortMapped>['events']): NewStagedPage['undescribed'] {
  return events.flatMap(({ lumaEventId, managed, fields: { description, startAt } }) =>
    managed !== false && description === undefined && startAt instanceof Date ? { lumaEventId, startAt } : [],
  );
}

function idsOf(events: readonly { lumaEventId: string }[]): string[] {
  return events.map(({ lumaEventId }) => lumaEventId);
}

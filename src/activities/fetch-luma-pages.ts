import { whyDetailsAreDue } from '../events/details-due.js';
import type { ObservedEvent } from '../events/event.js';
import { isUndescribed } from '../events/fingerprint.js';
import { isInside, type SyncWindow } from '../events/window.js';
import type { LumaCalendar } from '../luma/api.js';
import { walkPages } from '../luma/walk-pages.js';
import type { EventIndex } from '../mongo/events.js';
import type { Store } from '../mongo/store.js';
import { type ListingPosition, type NewStagedPage, withoutNews } from '../mongo/staged-pages.js';
import {
  type ActivityDependencies,
  DEFAULT_DETAILS,
  DEFAULT_SLICE,
  type SliceBudget,
} from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { countedIn, type RequestTally, underHeartbeat } from './heartbeat.js';
import { divide, readStored, type StoredEvents } from './news.js';
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

export interface FetchLumaPagesOutput extends Wait, ListingStand, RequestTally {}

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
      const stored = await readStored(deps.store, scope.org._id);
      if (position.pages < stagedSeq) throw new StagedPagesMissing(syncId);
      // After the first page no time is left.
      const limits = onePage === true ? { ...slice, durationMs: 0 } : slice;
      const stage = (page: NewStagedPage) => stagedPages.add(page);
      const options = { window, limits, tally, signal, stage, stored };
      const { stand, wait } = await walkListing(deps, scope, position, options);
      return { ...stand, ...wait, ...tally };
    });
}

/** Well within the time of an attempt. */
const AT_HAND_MS = 40_000;

export interface WalkOptions {
  window: SyncWindow | undefined;
  limits: SliceBudget;
  tally: RequestTally;
  signal: AbortSignal;
  /** Takes each page. */
  stage: (page: NewStagedPage) => Promise<void>;
  stored: StoredEvents;
  /**
   * As long as there is no news, the next page is asked for while one is compared. Only for who begins anew after a kill:
   * otherwise a page is staged before the next one is asked for, so that a kill costs one request.
   */
  ahead?: boolean;
  /** How long pages are taken that need no request: who goes on later has to ask for all of them again. */
  atHandMs?: number;
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
  {
    window,
    limits,
    tally,
    signal,
    stage,
    stored: { stored, asked },
    ahead = false,
    atHandMs = AT_HAND_MS,
  }: WalkOptions,
): Promise<WalkedListing> {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const { org, syncId, source, allowed, fenceId, full } = scope;
  const { entries: reader } = source;
  // Where no event can be asked for alone, none has to be.
  const hasDetails = source.getEvent !== null;
  const suspects = suspectAnswers(store.fences, fenceId, syncId);
  let { pages: seq, complete, entries, same, hadNews } = position;
  const known = { stored, waiting: position.waiting, asked, allowed, full, reader };
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
    const isNotListed = (id: string) => !seen.has(id) || hidden.has(id);
    const notListed = [...stored].filter(([id]) => isNotListed(id)).map(([, event]) => event);
    if (notListed.every(({ fingerprint, startAt }) => fingerprint !== null && startAt !== null)) {
      return notListed.filter(({ startAt }) => startAt !== null && isInside(startAt, window)).length;
    }
    // Documents of another program may be none of Luma's events: MongoDB looks closer.
    const expected = await store.events.expected(org._id, window);
    return expected.filter(({ lumaEventId }) => isNotListed(lumaEventId)).length;
  }

  async function ask(page: number, from: string | null) {
    const observedAt = now();
    const answer = await source.listEvents({
      ...window,
      cursor: from,
      limit: limits.entriesPerPage,
      signal,
      ...countedIn(tally),
      beforeReading: () => suspects.reading(`page ${page} of the listing`),
    });
    return { ...answer, observedAt };
  }

  const begun = now().getTime();
  const isInTime = () => now().getTime() - begun < limits.durationMs;
  let left = limits.pages;
  const mayAskAhead = () => ahead && !hadNews && isInTime();
  const pages = walkPages(position, { ask, maxPages: limits.listingPages, entries: reader, mayAskAhead });
  while (!complete) {
    let walked;
    try {
      walked = await pages.next();
    } catch (error) {
      return await ended(waitAfter(error));
    }
    if (walked.done === true) break;
    const { page, answer, eventLike, pauseMs, isAhead } = walked.value;
    const { observedAt } = answer;
    entries += page.entries.length;
    const { news, same: sameEvents, hidden, quarantined, hasNews } = divide(page.entries, known);
    const shape = reader.observeShape(page.entries);
    const sameIds = idsOf(sameEvents);
    const described = sameEvents.filter(({ undescribed }) => !hasDetails || !undescribed);
    await stage({
      ...{ syncId, orgId: org._id, phase: 'listing', seq: seq + 1, observedAt },
      ...{ entries: page.entries.length, eventLike },
      ...{ events: news, same: sameIds, hidden, quarantined, shape },
      ...{ undescribed: hasDetails ? undescribedOf(news) : [], sameDescribed: idsOf(described) },
      ...{ nextCursor: page.nextCursor, hasMore: page.hasMore },
      ...(hasNews ? {} : { applied: withoutNews(observedAt) }),
    });
    await nameCalendar(store, scope, page.calendar);
    seq++;
    complete = !page.hasMore;
    same += sameIds.length;
    hadNews ||= hasNews;
    shapes.push(shape);
    for (const { lumaEventId, undescribed } of sameEvents) {
      met.same.add(lumaEventId);
      if (hasDetails && undescribed) met.undescribed.add(lumaEventId);
    }
    for (const { lumaEventId } of [...sameEvents, ...news]) {
      met.seen.add(lumaEventId);
      met.hidden.delete(lumaEventId);
    }
    for (const { lumaEventId } of hidden) {
      met.seen.add(lumaEventId);
      met.hidden.add(lumaEventId);
    }
    for (const { lumaEventId } of quarantined) if (lumaEventId !== null) met.seen.add(lumaEventId);
    if (complete) break;
    if (pauseMs > 0) return await ended({ pauseMs });
    if (page.isNextAtHand === true) {
      if (now().getTime() - begun < atHandMs) continue;
      break;
    }
    if (hasNews) left--;
    if (!isAhead && (left <= 0 || !isInTime())) break;
  }
  return await ended(NO_WAIT);
}

/** A feed names its calendar only along with its events. */
async function nameCalendar(
  store: Store,
  { org, dryRun }: SyncScope,
  calendar: LumaCalendar | undefined,
): Promise<void> {
  if (dryRun || calendar === undefined || calendar.name === org.calendarName) return;
  await store.organizations.bindCalendar(org, calendar);
  org.calendarName = calendar.name;
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

function undescribedOf(events: readonly ObservedEvent[]): NewStagedPage['undescribed'] {
  return events.flatMap((event) => {
    const { lumaEventId, fields } = event;
    return isUndescribed(event) && fields.startAt instanceof Date
      ? { lumaEventId, startAt: fields.startAt }
      : [];
  });
}

function idsOf(events: readonly { lumaEventId: string }[]): string[] {
  return events.map(({ lumaEventId }) => lumaEventId);
}

import { allowedVisibilities } from '../events/visibility.js';
import type { SyncWindow } from '../events/window.js';
import type { LumaPage } from '../luma/client.js';
import {
  LumaContractBroken,
  LumaPaginationBroken,
  LumaRateLimited,
  LumaUnavailable,
} from '../luma/errors.js';
import { observeShape } from '../luma/drift.js';
import { mapEntry } from '../luma/mapping.js';
import { pauseBeforeNext } from '../luma/rate-limit.js';
import type { NewStagedPage } from '../mongo/staged-pages.js';
import { type ActivityDependencies, DEFAULT_SLICE } from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { underHeartbeat } from './heartbeat.js';
import { sortMapped } from './sort-mapped.js';
import { openLumaKey } from './luma-key.js';

export interface FetchLumaPagesInput {
  orgId: string;
  syncId: string;
  window?: SyncWindow;
  /** Pages that an earlier call staged: fewer than these, and they have expired. Default 0. */
  stagedSeq?: number;
  /** A call fetches one page only, so that the workflow can pause between pages. */
  onePage?: boolean;
}

export interface FetchLumaPagesOutput {
  /** Sequence of the last page staged so far, by whichever attempt; 0: none. */
  throughSeq: number;
  /** The listing reached its end. */
  complete: boolean;
  requests: number;
  /** How long Luma asks to be left alone, ms; 0: go on. */
  pauseMs: number;
}

const ENDPOINT = '/v1/calendars/events/list';

/**
 * Fetches a slice of a calendar's listing. Every page is validated, mapped and staged before the next one is asked
 * for, so that what is staged is the progress: a retry, another worker or a later run goes on behind it.
 */
export function fetchLumaPages(deps: ActivityDependencies) {
  const { luma, store, now = () => new Date() } = deps;
  const slice = { ...DEFAULT_SLICE, ...deps.slice };

  return async ({
    orgId,
    syncId,
    window,
    stagedSeq = 0,
    onePage,
  }: FetchLumaPagesInput): Promise<FetchLumaPagesOutput> =>
    underHeartbeat(async (tally, signal) => {
      const org = await store.organizations.get(orgId);
      const apiKey = openLumaKey(deps, org);
      const allowed = allowedVisibilities(org.visibilityWish);
      const position = await store.stagedPages.position(org._id, syncId);
      if (position.pages < stagedSeq) throw new StagedPagesMissing(syncId);
      let { pages: seq, cursor, complete } = position;
      let newestMs = position.newestObservedAt?.getTime() ?? 0;
      const output = (pauseMs: number) => ({ throughSeq: seq, complete, requests: tally.requests, pauseMs });

      const begun = now().getTime();
      const lastSeq = seq + (onePage === true ? 1 : slice.pages);
      while (!complete) {
        if (seq >= slice.listingPages) {
          throw new LumaPaginationBroken(ENDPOINT, `more than ${slice.listingPages} pages`);
        }
        // A clock that steps back must not make a newer answer look older.
        const observedMs = Math.max(now().getTime(), newestMs + 1);
        let answer;
        try {
          tally.requests++;
          answer = await luma.listEvents(apiKey, {
            ...window,
            cursor: cursor ?? undefined,
            limit: slice.entriesPerPage,
            signal,
          });
        } catch (error) {
          if (error instanceof LumaRateLimited) return output(error.pauseMs);
          // What was fetched is handed over; should the trouble last, the next call meets it first.
          if (error instanceof LumaUnavailable && seq > position.pages) break;
          throw error;
        }
        const { value: page, budget } = answer;
        if (page.nextCursor !== null && position.cursorsMet.has(page.nextCursor)) {
          throw new LumaPaginationBroken(ENDPOINT, 'a cursor repeats');
        }
        const contents = sortEntries(page, allowed, seq === 0);
        await store.stagedPages.add({
          syncId,
          orgId: org._id,
          phase: 'listing',
          seq: seq + 1,
          observedAt: new Date(observedMs),
          ...contents,
          nextCursor: page.nextCursor,
          hasMore: page.hasMore,
        });
        seq++;
        newestMs = observedMs;
        cursor = page.nextCursor;
        complete = !page.hasMore;
        if (cursor !== null) position.cursorsMet.add(cursor);
        if (complete) break;
        const pauseMs = pauseBeforeNext(budget);
        if (pauseMs > 0) return output(pauseMs);
        if (seq >= lastSeq || now().getTime() - begun >= slice.durationMs) break;
      }
      return output(0);
    });
}

type PageContents = Pick<
  NewStagedPage,
  'entries' | 'events' | 'hidden' | 'quarantined' | 'undescribed' | 'shape'
>;

/**
 * Maps a page's entries and sorts them into events, events that the organization does not store, and entries that
 * cannot be trusted. Where no entry is usable, something else than a calendar is answering; a single bad entry at
 * the end of a longer listing is only that.
 *
 * @throws LumaContractBroken
 */
function sortEntries(page: LumaPage, allowed: ReadonlySet<string>, firstPage: boolean): PageContents {
  const mapped = page.entries.map((entry) => mapEntry(entry));
  const { events, hidden, quarantined } = sortMapped(mapped, allowed);
  const contents: PageContents = {
    entries: page.entries.length,
    events,
    hidden,
    quarantined,
    undescribed: events
      .filter(({ managed, fields }) => managed !== false && fields.description === undefined)
      .map(({ lumaEventId }) => lumaEventId),
    shape: observeShape(page.entries),
  };
  const unusable = mapped.filter((entry) => 'quarantined' in entry).length;
  if (unusable > 0 && unusable === contents.entries && (firstPage || unusable > 1)) {
    throw new LumaContractBroken(ENDPOINT, `none of ${unusable} entries is usable`);
  }
  return contents;
}

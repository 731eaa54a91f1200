import type { SyncWindow } from '../events/window.js';
import type { LumaPage } from '../luma/client.js';
import { observeShape } from '../luma/drift.js';
import { looksLikeEvent } from '../luma/entry.js';
import { LumaContractBroken, LumaPaginationBroken } from '../luma/errors.js';
import { mapEntry } from '../luma/mapping.js';
import { pauseBeforeNext } from '../luma/rate-limit.js';
import type { NewStagedPage } from '../mongo/staged-pages.js';
import { type ActivityDependencies, DEFAULT_SLICE } from './dependencies.js';
import { StagedPagesMissing } from './failures.js';
import { underHeartbeat } from './heartbeat.js';
import { sortMapped } from './sort-mapped.js';
import { suspectAnswers } from './suspect-answers.js';
import { enterSync, type SyncIds } from './sync-scope.js';
import { NO_WAIT, type Wait, waitAfter } from './wait.js';

export interface FetchLumaPagesInput extends SyncIds {
  window?: SyncWindow;
  /** Pages that an earlier call staged: fewer than these, and they have expired. Default 0. */
  stagedSeq?: number;
  /** A call fetches one page only, so that the workflow can pause between pages. */
  onePage?: boolean;
}

export interface FetchLumaPagesOutput extends Wait {
  /** Sequence of the last page staged so far, by whichever attempt; 0: none. */
  throughSeq: number;
  /** The listing reached its end. */
  complete: boolean;
  requests: number;
}

const ENDPOINT = '/v1/calendars/events/list';

/**
 * Fetches a slice of a calendar's listing. Every page is validated, mapped and staged before the next one is asked
 * for, so that what is staged is the progress: a retry, another worker or a later run goes on behind it.
 */
export function fetchLumaPages(deps: ActivityDependencies) {
  const { luma, store } = deps;
  const now = deps.now ?? store.now;
  const slice = { ...DEFAULT_SLICE, ...deps.slice };

  return async (input: FetchLumaPagesInput): Promise<FetchLumaPagesOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, window, stagedSeq = 0, onePage } = input;
      const { org, apiKey, allowed, fenceId } = await enterSync(deps, input);
      const position = await store.stagedPages.position(syncId);
      if (position.pages < stagedSeq) throw new StagedPagesMissing(syncId);
      const suspects = suspectAnswers(store.fences, fenceId, syncId);
      let { pages: seq, cursor, complete, entries, eventLike } = position;
      const output = (wait: Wait) => ({ throughSeq: seq, complete, requests: tally.requests, ...wait });

      const begun = now().getTime();
      const lastSeq = seq + (onePage === true ? 1 : slice.pages);
      while (!complete) {
        if (seq >= slice.listingPages) {
          throw new LumaPaginationBroken(ENDPOINT, `more than ${slice.listingPages} pages`);
        }
        const observedAt = now();
        let answer;
        try {
          tally.requests++;
          answer = await luma.listEvents(apiKey, {
            ...window,
            cursor: cursor ?? undefined,
            limit: slice.entriesPerPage,
            signal,
            beforeReading: () => suspects.reading(`page ${seq + 1} of the listing`),
          });
        } catch (error) {
          return output(waitAfter(error));
        }
        const { value: page, budget } = answer;
        if (page.nextCursor !== null && position.cursorsMet.has(page.nextCursor)) {
          throw new LumaPaginationBroken(ENDPOINT, 'a cursor repeats');
        }
        entries += page.entries.length;
        eventLike += page.entries.filter(looksLikeEvent).length;
        if (!page.hasMore && entries > 0 && eventLike === 0) {
          throw new LumaContractBroken(ENDPOINT, `none of ${entries} entries looks like an event`);
        }
        await store.stagedPages.add({
          syncId,
          orgId: org._id,
          phase: 'listing',
          seq: seq + 1,
          observedAt,
          ...contentsOf(page, allowed),
          nextCursor: page.nextCursor,
          hasMore: page.hasMore,
        });
        seq++;
        cursor = page.nextCursor;
        complete = !page.hasMore;
        if (cursor !== null) position.cursorsMet.add(cursor);
        if (complete) break;
        const pauseMs = pauseBeforeNext(budget);
        if (pauseMs > 0) return output({ pauseMs });
        if (seq >= lastSeq || now().getTime() - begun >= slice.durationMs) break;
      }
      return output(NO_WAIT);
    });
}

type PageContents = Pick<
  NewStagedPage,
  'entries' | 'eventLike' | 'events' | 'hidden' | 'quarantined' | 'undescribed' | 'shape'
>;

/** A page's entries, mapped and sorted into what is stored, what is not, and what cannot be trusted. */
function contentsOf(page: LumaPage, allowed: ReadonlySet<string>): PageContents {
  const { events, hidden, quarantined } = sortMapped(page.entries.map(mapEntry), allowed);
  return {
    entries: page.entries.length,
    eventLike: page.entries.filter(looksLikeEvent).length,
    events,
    hidden,
    quarantined,
    undescribed: events
      .filter(({ managed, fields }) => managed !== false && fields.description === undefined)
      .map(({ lumaEventId }) => lumaEventId),
    shape: observeShape(page.entries),
  };
}

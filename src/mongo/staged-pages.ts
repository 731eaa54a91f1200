import { type ClientSession, ObjectId, type Filter } from 'mongodb';
import type { ShapeStats } from '../luma/drift.js';
import type { Collections } from './collections.js';
import type { AppliedPage, RemovalVerdict, SettledRemovals, StagedPageDoc, StagePhase } from './documents.js';
import { guarded, isDuplicateKey } from './errors.js';
import type { FencedWrite } from './fence.js';

export type NewStagedPage = Omit<StagedPageDoc, '_id' | 'settled'>;

/** Where a listing stands: what a retry, another worker or a new run of the workflow goes on from. */
export interface ListingPosition {
  /** Pages staged so far; the next page's sequence is one more. */
  pages: number;
  /** The cursor that follows the last staged page; `null` before the first page and after the last. */
  cursor: string | null;
  /** The last staged page said that nothing follows. */
  complete: boolean;
  /** Every cursor met, to notice one that repeats. */
  cursorsMet: Set<string>;
  /** Entries so far, and how many of them look like events at all. */
  entries: number;
  eventLike: number;
  /** Events about which nothing new was said so far. */
  same: number;
  /** Some page had news. */
  hadNews: boolean;
  /** Events on pages that wait to be applied: whatever a later page says of them is news. */
  waiting: Set<string>;
}

interface PageSummary extends Pick<
  StagedPageDoc,
  'seq' | 'nextCursor' | 'hasMore' | 'entries' | 'eventLike'
> {
  same: number;
  /** Absent where the page has no news. */
  waiting?: string[];
  hasNews: boolean;
}

/** Before the first page. */
export function beginning(): ListingPosition {
  return {
    ...{ pages: 0, cursor: null, complete: false, cursorsMet: new Set() },
    ...{ entries: 0, eventLike: 0, same: 0, hadNews: false, waiting: new Set() },
  };
}

/** What a page without news did. */
export function withoutNews(at: Date): AppliedPage {
  return { ...NOTHING_DONE, at, news: false };
}

/**
 * Another attempt at the same activity has staged this page already: the later one stops, and if it is the one
 * that Temporal still waits for, its retry goes on from what is staged.
 */
export class PageAlreadyStaged extends Error {
  override readonly name = 'PageAlreadyStaged';
}

/** Another attempt applied pages while this one was about to: what it did is to be read. */
export class PagesAlreadyApplied extends Error {
  override readonly name = 'PagesAlreadyApplied';
}

const NOTHING_DONE = { inserted: 0, changed: 0, unchanged: 0, removed: 0, quarantined: 0, detailsDue: 0 };

export type StagedPageStore = ReturnType<typeof stagedPageStore>;

/** `staged_pages`: what is staged *is* the progress of a listing. Pages expire after two days. */
export function stagedPageStore({ stagedPages }: Collections) {
  return {
    /** In order. @throws PageAlreadyStaged, StoreUnavailable */
    async add(...pages: NewStagedPage[]): Promise<void> {
      const [first] = pages;
      if (first === undefined) return;
      try {
        await stagedPages.insertMany(pages.map((page) => ({ _id: new ObjectId(), ...page })));
      } catch (error) {
        if (isDuplicateKey(error)) throw new PageAlreadyStaged(`page ${first.seq} is staged already`);
        await guarded('stage page', () => Promise.reject(error as Error));
      }
    },

    async position(syncId: string): Promise<ListingPosition> {
      const pages = await guarded('read staged pages', () =>
        stagedPages
          .aggregate<PageSummary>([
            { $match: { syncId, phase: 'listing' } },
            { $sort: { seq: 1 } },
            {
              $project: {
                ...{ _id: 0, seq: 1, entries: 1, eventLike: 1, nextCursor: 1, hasMore: 1 },
                same: { $size: { $ifNull: ['$same', []] } },
                waiting: { $cond: [{ $ifNull: ['$applied', false] }, [], '$events.lumaEventId'] },
                hasNews: { $ne: [{ $ifNull: ['$applied.news', true] }, false] },
              },
            },
          ])
          .toArray(),
      );
      const last = pages.at(-1);
      return {
        pages: last?.seq ?? 0,
        cursor: last?.nextCursor ?? null,
        complete: last?.hasMore === false,
        cursorsMet: new Set(pages.flatMap(({ nextCursor }) => nextCursor ?? [])),
        entries: pages.reduce((sum, page) => sum + page.entries, 0),
        eventLike: pages.reduce((sum, page) => sum + (page.eventLike ?? 0), 0),
        same: pages.reduce((sum, page) => sum + page.same, 0),
        hadNews: pages.some(({ hasNews }) => hasNews),
        waiting: new Set(pages.flatMap((page) => page.waiting ?? [])),
      };
    },

    /**
     * Pages of one phase of a sync in order, both ends included, and before them those that are not applied yet: a page
     * is never applied before an older one.
     */
    async range(
      syncId: string,
      phase: StagePhase,
      fromSeq: number,
      throughSeq: number,
    ): Promise<StagedPageDoc[]> {
      const inOrder = (filter: Filter<StagedPageDoc>) =>
        guarded('read staged pages', () =>
          stagedPages
            .find({ syncId, phase, ...filter })
            .sort({ seq: 1 })
            .toArray(),
        );
      // Two reads: with `$or` some servers use no index.
      const [late, asked] = await Promise.all([
        fromSeq > 1 ? inOrder({ seq: { $lt: fromSeq }, applied: { $exists: false } }) : [],
        inOrder({ seq: { $gte: fromSeq, $lte: throughSeq } }),
      ]);
      return [...late, ...asked];
    },

    /**
     * Remembers what applying these pages did, with the writes themselves.
     * @throws PagesAlreadyApplied where another attempt has done it meanwhile
     */
    async markApplied(
      { session }: FencedWrite,
      pages: readonly StagedPageDoc[],
      applied: AppliedPage,
    ): Promise<void> {
      const last = pages.at(-1);
      const marks = pages.map((page) => ({
        updateOne: {
          filter: { _id: page._id, applied: { $exists: false } },
          update: { $set: { applied: page === last ? applied : { ...NOTHING_DONE, at: applied.at } } },
        },
      }));
      const { modifiedCount } = await stagedPages.bulkWrite(marks, { session, ordered: false });
      if (modifiedCount < pages.length) throw new PagesAlreadyApplied();
    },

    /** Which of these events the listing of this sync has inserted or changed. */
    async touched({ session, syncId }: FencedWrite, ids: readonly string[]): Promise<Set<string>> {
      const found = await stagedPages
        .aggregate<{ touched: string[] }>(
          [
            { $match: { syncId, phase: 'listing', 'applied.touched': { $in: [...ids] } } },
            { $project: { _id: 0, touched: { $setIntersection: ['$applied.touched', [...ids]] } } },
          ],
          { session },
        )
        .toArray();
      return new Set(found.flatMap(({ touched }) => touched));
    },

    /** What carrying out a sync's removals has come to; `null`: not begun. */
    async settled(syncId: string, session?: ClientSession): Promise<SettledRemovals | null> {
      const page = await guarded('read settled removals', () =>
        stagedPages.findOne(
          { syncId, phase: 'settled' },
          { projection: { settled: 1 }, ...(session === undefined ? {} : { session }) },
        ),
      );
      return page?.settled ?? null;
    },

    async settle(
      { session, orgId, syncId }: FencedWrite,
      settled: SettledRemovals,
      now: Date,
    ): Promise<void> {
      const empty = { entries: 0, events: [], hidden: [], quarantined: [], undescribed: [] };
      await stagedPages.updateOne(
        { syncId, phase: 'settled', seq: 1 },
        { $set: { settled }, $setOnInsert: { _id: new ObjectId(), orgId, observedAt: now, ...empty } },
        { upsert: true, session },
      );
    },

    /** What the listing of a sync showed, without the events' contents. */
    async listed(syncId: string): Promise<ListedEvents> {
      const pages = await guarded('read staged listing', () =>
        stagedPages
          .find({ syncId, phase: 'listing' })
          .project<
            Pick<
              StagedPageDoc,
              'events' | 'same' | 'sameDescribed' | 'hidden' | 'quarantined' | 'undescribed'
            >
          >({
            'events.lumaEventId': 1,
            same: 1,
            sameDescribed: 1,
            'hidden.lumaEventId': 1,
            'quarantined.lumaEventId': 1,
            undescribed: 1,
          })
          .sort({ seq: 1 })
          .toArray(),
      );
      const seen = new Set<string>();
      const hiddenLast = new Map<string, boolean>();
      let nameless = false;
      for (const { events, same = [], hidden, quarantined } of pages) {
        for (const { lumaEventId } of [...events, ...hidden, ...quarantined]) {
          if (lumaEventId !== null) seen.add(lumaEventId);
          else nameless = true;
        }
        for (const lumaEventId of [...same, ...events.map((event) => event.lumaEventId)]) {
          seen.add(lumaEventId);
          hiddenLast.set(lumaEventId, false);
        }
        for (const { lumaEventId } of hidden) hiddenLast.set(lumaEventId, true);
      }
      const hidden = [...hiddenLast].filter(([, isHidden]) => isHidden).map(([lumaEventId]) => lumaEventId);
      const same = new Set(pages.flatMap((page) => page.same ?? []));
      const described = new Set(pages.flatMap((page) => page.sameDescribed ?? []));
      const sameUndescribed = [...same].filter((id) => !described.has(id));
      const undescribed = pages.flatMap((page) => page.undescribed);
      return { seen, same, hidden: new Set(hidden), nameless, undescribed, sameUndescribed };
    },

    /** What was asked about single events in one phase of a sync: how many pages, which events, what was decided. */
    async answered(syncId: string, phase: 'details' | 'removals'): Promise<AnsweredEvents> {
      const pages = await guarded('read staged answers', () =>
        stagedPages
          .find({ syncId, phase })
          .project<
            Pick<
              StagedPageDoc,
              | ('seq' | 'events' | 'hidden' | 'quarantined')
              | ('unavailable' | 'unclear' | 'verdicts' | 'needListing')
            >
          >({
            seq: 1,
            'events.lumaEventId': 1,
            'hidden.lumaEventId': 1,
            'quarantined.lumaEventId': 1,
            unavailable: 1,
            unclear: 1,
            verdicts: 1,
            needListing: 1,
          })
          .sort({ seq: 1 })
          .toArray(),
      );
      const ids = pages.flatMap(
        ({ events, hidden, quarantined, unavailable = [], unclear = [], verdicts = [] }) => [
          ...[...events, ...hidden, ...quarantined, ...verdicts].flatMap(
            ({ lumaEventId }) => lumaEventId ?? [],
          ),
          ...unavailable,
          ...unclear,
        ],
      );
      return {
        pages: pages.at(-1)?.seq ?? 0,
        ids: new Set(ids),
        hidden: new Set(pages.flatMap((page) => page.hidden.map(({ lumaEventId }) => lumaEventId))),
        unclear: pages.flatMap((page) => page.unclear ?? []).length,
        verdicts: pages.flatMap((page) => page.verdicts ?? []),
        needListing: pages.flatMap((page) => page.needListing ?? []),
      };
    },

    async shapes(syncId: string): Promise<ShapeStats[]> {
      const pages = await guarded('read staged shapes', () =>
        stagedPages
          .find({ syncId, phase: 'listing' })
          .project<Pick<StagedPageDoc, 'shape'>>({ shape: 1 })
          .toArray(),
      );
      return pages.flatMap(({ shape }) => shape ?? []);
    },

    /** A dry run leaves nothing behind. */
    async discard(syncId: string): Promise<void> {
      await guarded('discard staged pages', () => stagedPages.deleteMany({ syncId }));
    },
  };
}

/** What a listing showed. */
export interface ListedEvents {
  /** Every event with an id, hidden and quarantined ones too. */
  seen: Set<string>;
  /** Those of them about which nothing new was said. */
  same: Set<string>;
  /** Those of them that are not for the organization's readers. */
  hidden: Set<string>;
  /** There were entries without an id. */
  nameless: boolean;
  /** Managed events whose description the listing did not carry. */
  undescribed: { lumaEventId: string; startAt: Date }[];
  /** The same of the events about which nothing new was said. */
  sameUndescribed: string[];
}

export interface AnsweredEvents {
  pages: number;
  ids: Set<string>;
  /** Not for the organization's readers. */
  hidden: Set<string>;
  /** Details: how many answers said nothing. */
  unclear: number;
  verdicts: RemovalVerdict[];
  /** Events that only a listing tells about. */
  needListing: string[];
}

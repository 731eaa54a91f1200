import { ObjectId } from 'mongodb';
import type { ShapeStats } from '../luma/drift.js';
import type { Collections } from './collections.js';
import type { OrgId, RemovalVerdict, StagedPageDoc, StagePhase } from './documents.js';
import { guarded, isDuplicateKey } from './errors.js';

export type NewStagedPage = Omit<StagedPageDoc, '_id' | 'appliedAt'>;

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
  /** When Luma was last asked for this organization, in any sync: later pages are stamped later, whatever a clock says. */
  newestObservedAt: Date | null;
}

/**
 * Another attempt at the same activity has staged this page already: the later one stops, and if it is the one
 * that Temporal still waits for, its retry goes on from what is staged.
 */
export class PageAlreadyStaged extends Error {
  override readonly name = 'PageAlreadyStaged';
}

export type StagedPageStore = ReturnType<typeof stagedPageStore>;

/** `staged_pages`: what is staged *is* the progress of a listing. Pages expire after two days. */
export function stagedPageStore({ stagedPages }: Collections) {
  async function newestObservedAt(orgId: OrgId): Promise<Date | null> {
    const newest = await guarded('read staged pages', () =>
      stagedPages
        .find({ orgId })
        .project<{ observedAt: Date }>({ observedAt: 1 })
        .sort({ observedAt: -1 })
        .limit(1)
        .next(),
    );
    return newest?.observedAt ?? null;
  }

  return {
    /** @throws PageAlreadyStaged, StoreUnavailable */
    async add(page: NewStagedPage): Promise<void> {
      try {
        await stagedPages.insertOne({ _id: new ObjectId(), ...page });
      } catch (error) {
        if (isDuplicateKey(error)) throw new PageAlreadyStaged(`page ${page.seq} is staged already`);
        await guarded('stage page', () => Promise.reject(error as Error));
      }
    },

    async position(orgId: OrgId, syncId: string): Promise<ListingPosition> {
      const pages = await guarded('read staged pages', () =>
        stagedPages
          .find({ syncId, phase: 'listing' })
          .project<Pick<StagedPageDoc, 'seq' | 'nextCursor' | 'hasMore'>>({
            _id: 0,
            seq: 1,
            nextCursor: 1,
            hasMore: 1,
          })
          .sort({ seq: 1 })
          .toArray(),
      );
      const last = pages.at(-1);
      return {
        pages: last?.seq ?? 0,
        cursor: last?.nextCursor ?? null,
        complete: last?.hasMore === false,
        cursorsMet: new Set(pages.flatMap(({ nextCursor }) => nextCursor ?? [])),
        newestObservedAt: await newestObservedAt(orgId),
      };
    },

    /** Pages of one phase of a sync in order, both ends included. Whether they have been applied before plays no part. */
    async range(
      syncId: string,
      phase: StagePhase,
      fromSeq: number,
      throughSeq: number,
    ): Promise<StagedPageDoc[]> {
      return await guarded('read staged pages', () =>
        stagedPages
          .find({ syncId, phase, seq: { $gte: fromSeq, $lte: throughSeq } })
          .sort({ seq: 1 })
          .toArray(),
      );
    },

    async markApplied(pages: readonly StagedPageDoc[], now: Date): Promise<void> {
      const _id = { $in: pages.map((page) => page._id) };
      await guarded('mark pages applied', () =>
        stagedPages.updateMany({ _id }, { $set: { appliedAt: now } }),
      );
    },

    /**
     * Pages that are newer than `observedAt` and in `events` already: they have the last word about their events.
     * Mostly there is none.
     */
    async appliedAfter(orgId: OrgId, observedAt: Date): Promise<StagedPageDoc[]> {
      return await guarded('read newer pages', () =>
        stagedPages
          .find({ orgId, observedAt: { $gt: observedAt }, appliedAt: { $exists: true } })
          .sort({ observedAt: 1 })
          .toArray(),
      );
    },

    /** What the listing of a sync showed, without the events' contents. */
    async listed(syncId: string): Promise<ListedEvents> {
      const pages = await guarded('read staged listing', () =>
        stagedPages
          .find({ syncId, phase: 'listing' })
          .project<Pick<StagedPageDoc, 'events' | 'hidden' | 'quarantined' | 'undescribed'>>({
            'events.lumaEventId': 1,
            'events.fields.startAt': 1,
            'hidden.lumaEventId': 1,
            'quarantined.lumaEventId': 1,
            undescribed: 1,
          })
          .toArray(),
      );
      const starts = new Map<string, Date>();
      const seen = new Set<string>();
      for (const { events, hidden, quarantined } of pages) {
        for (const { lumaEventId, fields } of events) {
          if (fields.startAt instanceof Date) starts.set(lumaEventId, fields.startAt);
        }
        for (const { lumaEventId } of [...events, ...hidden, ...quarantined]) {
          if (lumaEventId !== null) seen.add(lumaEventId);
        }
      }
      const undescribed = pages.flatMap((page) =>
        page.undescribed.flatMap((lumaEventId) => {
          const startAt = starts.get(lumaEventId);
          return startAt === undefined ? [] : { lumaEventId, startAt };
        }),
      );
      return { seen, undescribed };
    },

    /** What was asked about single events in one phase of a sync: how many pages, which events, what was decided. */
    async answered(syncId: string, phase: 'details' | 'removals'): Promise<AnsweredEvents> {
      const pages = await guarded('read staged answers', () =>
        stagedPages
          .find({ syncId, phase })
          .project<
            Pick<
              StagedPageDoc,
              'seq' | 'events' | 'hidden' | 'quarantined' | 'unavailable' | 'unclear' | 'verdicts'
            >
          >({
            seq: 1,
            'events.lumaEventId': 1,
            'hidden.lumaEventId': 1,
            'quarantined.lumaEventId': 1,
            unavailable: 1,
            unclear: 1,
            verdicts: 1,
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
        unclear: pages.flatMap((page) => page.unclear ?? []).length,
        verdicts: pages.flatMap((page) => page.verdicts ?? []),
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

    /** When Luma was last asked for this organization, in any sync. */
    newestObservedAt,

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
  /** Managed events whose description the listing did not carry. */
  undescribed: { lumaEventId: string; startAt: Date }[];
}

export interface AnsweredEvents {
  pages: number;
  ids: Set<string>;
  /** Details: how many answers said nothing. */
  unclear: number;
  verdicts: RemovalVerdict[];
}

import { ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import type { OrgId, StagedPageDoc } from './documents.js';
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
          .find({ syncId })
          .project<Pick<StagedPageDoc, 'seq' | 'nextCursor' | 'hasMore'>>({
            _id: 0,
            seq: 1,
            nextCursor: 1,
            hasMore: 1,
          })
          .sort({ seq: 1 })
          .toArray(),
      );
      const newest = await guarded('read staged pages', () =>
        stagedPages
          .find({ orgId })
          .project<{ observedAt: Date }>({ observedAt: 1 })
          .sort({ observedAt: -1 })
          .limit(1)
          .next(),
      );
      const last = pages.at(-1);
      return {
        pages: last?.seq ?? 0,
        cursor: last?.nextCursor ?? null,
        complete: last?.hasMore === false,
        cursorsMet: new Set(pages.flatMap(({ nextCursor }) => nextCursor ?? [])),
        newestObservedAt: newest?.observedAt ?? null,
      };
    },

    /** Pages of a sync in order, both ends included. Whether they have been applied before plays no part. */
    async range(syncId: string, fromSeq: number, throughSeq: number): Promise<StagedPageDoc[]> {
      return await guarded('read staged pages', () =>
        stagedPages
          .find({ syncId, seq: { $gte: fromSeq, $lte: throughSeq } })
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
  };
}

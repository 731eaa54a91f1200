import {
  type Binary,
  type ClientSession,
  type Db,
  type Filter,
  MongoError,
  type UpdateFilter,
} from 'mongodb';
import { type Collections, eventsIndexConflict } from './collections.js';
import type { OrgId, SyncFenceDoc } from './documents.js';
import { duplicateKeyIndex, guarded, isDuplicateKey, rebuilt, StoreUnavailable } from './errors.js';
import { TRANSACTION } from './transaction.js';

/**
 * Another sync of the organization has begun, or this one has ended: what is left of it writes nothing more. Met by
 * an attempt that stood still while others went on.
 */
export class SyncOvertaken extends Error {
  override readonly name = 'SyncOvertaken';

  constructor(syncId: string) {
    super(`sync ${syncId} has ended, or a newer one of the organization has begun: it writes nothing more`);
  }
}

/** A transaction of the sync that is under way. Every write of a sync to what readers or later syncs see is in one. */
export interface FencedWrite {
  readonly session: ClientSession;
  readonly orgId: OrgId;
  readonly syncId: string;
}

export interface NewFence {
  syncId: string;
  openedAt: Date;
  /** Of the key that the sync is about to verify, or the feed's address. */
  keyDigest: string;
  /** Which activity opened it: only what was opened by a first look is ended by one. */
  openedBy: 'first-look' | 'open';
  /** Every event is compared in this sync. */
  full?: true;
  /** Of a dry run. */
  expireAt?: Date;
}

export interface OpenedFence {
  /** Every event is compared: because it was asked for, or because that is long ago. */
  full: boolean;
  /** As the sync before left it. */
  before: Pick<SyncFenceDoc, 'syncId' | 'keyDigest' | 'verified'> | null;
}

export type FenceStore = ReturnType<typeof fenceStore>;

/** So long after the last one, a sync compares every event, whatever the fingerprints say: documents may be edited. */
const FULL_EVERY_MS = 7 * 86_400_000;

/** Claims that meet another's, before the other counts as stuck. */
const MAX_CLAIMS = 5;

/**
 * `sync_fences`: which sync of an organization may write, one document an organization.
 *
 * A write is a transaction that also changes the fence, on the condition that the fence is still of this sync and of
 * this writer. So of a sync that has ended or was overtaken, and of an attempt that another attempt has replaced,
 * nothing is ever committed, however long the process stood still, and between which two commands. A check before the
 * write could not promise that.
 */
export function fenceStore(db: Db, { syncFences, events }: Pick<Collections, 'syncFences' | 'events'>) {
  async function read(orgId: OrgId): Promise<SyncFenceDoc | null> {
    return await guarded('read fence', () => syncFences.findOne({ _id: orgId }));
  }

  /** The fence of a sync that is under way. @throws SyncOvertaken */
  async function current(orgId: OrgId, syncId: string): Promise<SyncFenceDoc> {
    const fence = await read(orgId);
    if (fence?.syncId !== syncId || fence.ended === true) throw new SyncOvertaken(syncId);
    return fence;
  }

  /** Ends the transaction of a writer that was replaced, so that nobody waits for what it has locked. */
  async function replaceWriter(writer: Binary | undefined): Promise<void> {
    if (writer === undefined) return;
    try {
      await db.command({ killSessions: [{ id: writer }] });
    } catch (error) {
      // Where that is not allowed the server gives up the transaction by itself, after a minute.
      if (!(error instanceof MongoError)) throw error;
    }
  }

  /** Makes `session` the one writer of the sync. */
  async function claim(orgId: OrgId, syncId: string, writer: Binary): Promise<void> {
    for (let claims = 0; claims < MAX_CLAIMS; claims++) {
      const before = await current(orgId, syncId);
      await replaceWriter(before.writer);
      const { matchedCount } = await guarded('claim fence', () =>
        syncFences.updateOne({ ...isOpen(orgId, syncId), writer: before.writer ?? null } as object, {
          $set: { writer },
        }),
      );
      if (matchedCount > 0) return;
    }
    throw new StoreUnavailable('claim fence', 'other writers of the same sync keep coming');
  }

  /** @returns whether the fence was the one expected, and is changed; `undefined` expects none */
  async function put(
    orgId: OrgId,
    expected: string | undefined,
    change: UpdateFilter<SyncFenceDoc>,
  ): Promise<boolean> {
    try {
      const filter = { _id: orgId, syncId: expected ?? { $exists: false } } as Filter<SyncFenceDoc>;
      const options = { upsert: expected === undefined };
      const { matchedCount, upsertedCount } = await syncFences.updateOne(filter, change, options);
      return matchedCount + upsertedCount > 0;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw rebuilt('open fence', error);
    }
  }

  return {
    current,

    /**
     * Makes this sync the one that may write. Idempotent, for a retry. Where a first look has ended the sync and nobody
     * heard of it, for it was killed or took too long, the sync begins once more.
     * @throws SyncOvertaken where it has ended otherwise; a first look too where the sync goes on without it
     */
    async open(orgId: OrgId, { full: asked, ...fence }: NewFence): Promise<OpenedFence> {
      const { syncId, openedAt, openedBy } = fence;
      const left = { writer: '', ended: '', suspect: '', verified: '' } as const;
      const $unset = { ...left, full: '' } as const;
      if (asked !== true) {
        // Mostly it is the next sync after one that has ended: one command.
        const isNext = { _id: orgId, syncId: { $ne: syncId }, writer: { $exists: false } };
        const fullAt = { $gt: new Date(openedAt.getTime() - FULL_EVERY_MS) };
        const before = await guarded('open fence', () =>
          syncFences.findOneAndUpdate({ ...isNext, fullAt }, { $set: fence, $unset }),
        );
        if (before !== null) return { full: false, before };
      }
      for (let tries = 0; tries < MAX_CLAIMS; tries++) {
        const before = await read(orgId);
        if (before?.syncId === syncId && before.openedBy !== 'first-look') {
          if (before.ended === true || openedBy === 'first-look') throw new SyncOvertaken(syncId);
        }
        await replaceWriter(before?.writer);
        const fullAt = before?.fullAt ?? openedAt;
        const full = asked === true || openedAt.getTime() - fullAt.getTime() > FULL_EVERY_MS;
        const change = full
          ? { $set: { ...fence, fullAt, full }, $unset: left }
          : { $set: { ...fence, fullAt }, $unset };
        if (await put(orgId, before?.syncId, change)) return { full, before };
      }
      throw new StoreUnavailable('open fence', 'other syncs of the organization keep beginning');
    },

    /**
     * Runs reads and writes in one transaction that is committed only while the sync may write. The work may run
     * several times; all that it reads is of one instant.
     * @throws SyncOvertaken, StoreUnavailable, and what the work throws
     */
    async write<T>(orgId: OrgId, syncId: string, work: (write: FencedWrite) => Promise<T>): Promise<T> {
      const session = db.client.startSession();
      const writer = session.id?.id;
      if (writer === undefined) throw new StoreUnavailable('write', 'this MongoDB has no sessions');
      try {
        await claim(orgId, syncId, writer);
        return await session.withTransaction(async () => {
          const result = await work({ session, orgId, syncId });
          const { matchedCount } = await syncFences.updateOne(
            { ...isOpen(orgId, syncId), writer },
            { $inc: { writes: 1 }, $unset: { writer: '' } },
            { session },
          );
          if (matchedCount === 0) throw new SyncOvertaken(syncId);
          return result;
        }, TRANSACTION);
      } catch (error) {
        const index = duplicateKeyIndex(error);
        const conflict = index === undefined ? null : await eventsIndexConflict(events, index);
        throw conflict ?? rebuilt('write in a transaction', error);
      } finally {
        await session.endSession();
      }
    },

    /** Notes an answer that is about to be read; see activities/suspect-answers.ts. */
    async suspect(orgId: OrgId, syncId: string, suspect: string): Promise<void> {
      await guarded('note suspect', () => syncFences.updateOne(isOpen(orgId, syncId), { $set: { suspect } }));
    },

    /** Of a dry run: nothing is left of it. */
    async discard(syncId: string): Promise<void> {
      await guarded('discard fence', () => syncFences.deleteOne({ _id: syncId, syncId }));
    },

    /**
     * Nothing of this sync is written from now on. Does nothing where another one has begun.
     * @param openedBy ends it only where that activity was the last one to open it
     * @param verified the calendar that its key opens, of a sync that is complete
     * @returns whether it has ended
     */
    async end(
      orgId: OrgId,
      syncId: string,
      { openedBy, verified }: { openedBy?: NewFence['openedBy']; verified?: string } = {},
    ): Promise<boolean> {
      const filter = { _id: orgId, syncId, ...(openedBy === undefined ? {} : { openedBy }) };
      const change: UpdateFilter<SyncFenceDoc> =
        verified === undefined
          ? { $set: { ended: true }, $unset: { writer: '', keyDigest: '' } }
          : { $set: { ended: true, verified }, $unset: { writer: '' } };
      const end = async (more: object) =>
        (await guarded('end fence', () => syncFences.updateOne({ ...filter, ...more }, change)))
          .matchedCount > 0;
      if (await end({ writer: { $exists: false } })) return true;
      const fence = await read(orgId);
      if (fence?.syncId !== syncId) return false;
      await replaceWriter(fence.writer);
      return await end({});
    },

    /** A sync in which every event was compared is complete. */
    async noteFull(orgId: OrgId, syncId: string, at: Date): Promise<void> {
      await guarded('note full sync', () =>
        syncFences.updateOne({ _id: orgId, syncId, full: true }, { $set: { fullAt: at } }),
      );
    },
  };
}

function isOpen(orgId: OrgId, syncId: string) {
  return { _id: orgId, syncId, ended: { $exists: false } };
}

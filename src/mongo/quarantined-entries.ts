import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import type { QuarantinedEntry } from '../events/event.js';
import type { Collections } from './collections.js';
import type { EntrySource, OrgId, QuarantinedEntryDoc } from './documents.js';
import { guarded } from './errors.js';
import type { FencedWrite } from './fence.js';

export type QuarantineStore = ReturnType<typeof quarantineStore>;

/** `quarantined_entries`: what could not be trusted, with the reasons by field path. */
export function quarantineStore({ quarantinedEntries, events }: Collections) {
  return {
    /** Oldest first, by organization. */
    async list(orgId?: OrgId): Promise<QuarantinedEntryDoc[]> {
      const filter = orgId === undefined ? {} : { orgId };
      return await guarded('read quarantine', () =>
        quarantinedEntries.find(filter).sort({ orgId: 1, firstSeenAt: 1, entryKey: 1 }).toArray(),
      );
    },

    async record(
      { session, orgId, syncId }: FencedWrite,
      source: EntrySource,
      entries: readonly QuarantinedEntry[],
      now: Date,
    ): Promise<void> {
      if (entries.length === 0) return;
      await quarantinedEntries.bulkWrite(
        entries.map(({ lumaEventId, problems, values }) => ({
          updateOne: {
            filter: { orgId, entryKey: keyOf(source, lumaEventId ?? digest(problems, values)) },
            update: {
              $set: { source, lumaEventId, problems, values, lastSeenAt: now, lastSeenIn: syncId },
              $setOnInsert: { _id: new ObjectId(), firstSeenAt: now },
            },
            upsert: true,
          },
        })),
        { session, ordered: false },
      );
    },

    /** Events that came in order leave quarantine, as far as the same kind of answer put them there. */
    async release(
      { session, orgId }: FencedWrite,
      source: EntrySource,
      inOrder: ReadonlySet<string>,
    ): Promise<void> {
      // Mostly there is none, which costs one small read.
      const entries = await quarantinedEntries
        .find({ orgId, source }, { session, projection: { _id: 0, lumaEventId: 1 } })
        .toArray();
      const ids = entries.flatMap(({ lumaEventId }) =>
        lumaEventId !== null && inOrder.has(lumaEventId) ? lumaEventId : [],
      );
      if (ids.length === 0) return;
      await quarantinedEntries.deleteMany({ orgId, source, lumaEventId: { $in: ids } }, { session });
    },

    /** Whether there are entries that this sync did not see. */
    async hasUnseen(orgId: OrgId, syncId: string): Promise<boolean> {
      const filter = { orgId, lastSeenIn: { $ne: syncId } };
      const found = await guarded('read quarantine', () =>
        quarantinedEntries.findOne(filter, { projection: { _id: 1 } }),
      );
      return found !== null;
    },

    /**
     * Forgets what Luma no longer shows: entries without an id that were mended, events that are gone. For use at the
     * end of a complete listing. What details have shown stays as long as the event does.
     */
    async forgetUnseen({ session, orgId, syncId }: FencedWrite): Promise<void> {
      const old = await quarantinedEntries
        .find({ orgId, lastSeenIn: { $ne: syncId } }, { session, projection: { source: 1, lumaEventId: 1 } })
        .toArray();
      if (old.length === 0) return;
      const asked = old.flatMap(({ source, lumaEventId }) =>
        source === 'details' && lumaEventId !== null ? lumaEventId : [],
      );
      const stored = await events
        .find({ orgId, lumaEventId: { $in: asked } }, { session, projection: { _id: 0, lumaEventId: 1 } })
        .toArray();
      const there = new Set(stored.map(({ lumaEventId }) => lumaEventId));
      const over = old.filter(
        ({ source, lumaEventId }) => source === 'listing' || !there.has(lumaEventId ?? ''),
      );
      await quarantinedEntries.deleteMany({ _id: { $in: over.map(({ _id }) => _id) } }, { session });
    },
  };
}

function keyOf(source: EntrySource, key: string): string {
  return source === 'listing' ? key : `${source}:${key}`;
}

/** An entry without an id is known by what it looks like, so that the same one is kept once. */
function digest(...parts: unknown[]): string {
  return `no-id-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)}`;
}

import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import type { QuarantinedEntry } from '../events/event.js';
import type { Collections } from './collections.js';
import type { OrgId, QuarantinedEntryDoc } from './documents.js';
import { guarded } from './errors.js';

export type QuarantineStore = ReturnType<typeof quarantineStore>;

/** `quarantined_entries`: what could not be trusted, with the reasons by field path. */
export function quarantineStore({ quarantinedEntries }: Collections) {
  return {
    /** Oldest first, by organization. */
    async list(orgId?: OrgId): Promise<QuarantinedEntryDoc[]> {
      const filter = orgId === undefined ? {} : { orgId };
      return await guarded('read quarantine', () =>
        quarantinedEntries.find(filter).sort({ orgId: 1, firstSeenAt: 1, entryKey: 1 }).toArray(),
      );
    },

    async record(orgId: OrgId, entries: readonly QuarantinedEntry[], now: Date): Promise<void> {
      if (entries.length === 0) return;
      await guarded('quarantine entries', () =>
        quarantinedEntries.bulkWrite(
          entries.map(({ lumaEventId, problems, values }) => ({
            updateOne: {
              filter: { orgId, entryKey: lumaEventId ?? digest(problems, values) },
              update: {
                $set: { lumaEventId, problems, values, lastSeenAt: now },
                $setOnInsert: { _id: new ObjectId(), firstSeenAt: now },
              },
              upsert: true,
            },
          })),
          { ordered: false },
        ),
      );
    },

    /** Events that came in order leave quarantine. Mostly there is none, which costs one small read. */
    async release(orgId: OrgId, inOrder: ReadonlySet<string>): Promise<void> {
      const held = await guarded('read quarantine', () =>
        quarantinedEntries
          .find({ orgId })
          .project<{ lumaEventId: string | null }>({ lumaEventId: 1 })
          .toArray(),
      );
      const ids = held.flatMap(({ lumaEventId }) =>
        lumaEventId !== null && inOrder.has(lumaEventId) ? lumaEventId : [],
      );
      if (ids.length === 0) return;
      await guarded('release from quarantine', () =>
        quarantinedEntries.deleteMany({ orgId, lumaEventId: { $in: ids } }),
      );
    },

    /**
     * Forgets what Luma no longer shows: entries without an id that were mended, events that are gone. For use after a
     * complete listing, with the instant at which it began.
     */
    async forgetUnseen(orgId: OrgId, since: Date): Promise<void> {
      await guarded('forget quarantined entries', () =>
        quarantinedEntries.deleteMany({ orgId, lastSeenAt: { $lt: since } }),
      );
    },
  };
}

/** An entry without an id is known by what it looks like, so that the same one is kept once. */
function digest(...parts: unknown[]): string {
  return `no-id-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)}`;
}

import { NEEDS, type Need, type Standing } from '../policies/needs.js';
import type { Collections } from './collections.js';
import type { OrgId } from './documents.js';
import { guarded } from './errors.js';
import { fieldsOf } from './read-organization.js';

/** A need that somebody was told of. */
export interface ToldNeed {
  need: Need;
  since: Date;
}

/** How an organization stands, and what was told of it. */
export interface OrgStanding extends Standing {
  name: string;
  syncId: string;
  told: ToldNeed[];
}

export type NeedStore = ReturnType<typeof needStore>;

const TO_TELL = {
  ...{ name: 1, 'lumaSync.reason': 1, 'lumaSync.lastSuccessAt': 1, 'lumaSync.consecutiveFailures': 1 },
  ...{ 'lumaSync.removalsHeld': 1, 'lumaSync.syncId': 1, 'lumaSync.told': 1 },
} as const;

/** Whether organizations need a person, by what is stored, and `lumaSync.told`: what was said of it. */
export function needStore({ organizations, quarantinedEntries }: Collections) {
  return {
    /** @returns `null` where the organization is gone */
    async standing(_id: OrgId): Promise<OrgStanding | null> {
      const [doc, quarantined] = await guarded('read needs', () =>
        Promise.all([
          organizations.findOne({ _id }, { projection: TO_TELL }),
          quarantinedEntries.countDocuments({ orgId: _id }),
        ]),
      );
      if (doc === null) return null;
      const { name, lumaSync } = doc as { name?: unknown; lumaSync?: unknown };
      const sync = fieldsOf(lumaSync);
      return {
        name: typeof name === 'string' ? name : '',
        syncId: typeof sync.syncId === 'string' ? sync.syncId : '',
        ...(typeof sync.reason === 'string' ? { reason: sync.reason } : {}),
        ...(sync.lastSuccessAt instanceof Date ? { lastSuccessAt: sync.lastSuccessAt } : {}),
        consecutiveFailures: countOf(sync.consecutiveFailures),
        removalsHeld: countOf(sync.removalsHeld),
        quarantined,
        told: toldOf(sync.told),
      };
    },

    async noteTold(_id: OrgId, told: readonly ToldNeed[]): Promise<void> {
      const change =
        told.length > 0
          ? { $set: { 'lumaSync.told': [...told] } }
          : { $unset: { 'lumaSync.told': '' as const } };
      const synced = { _id, lumaSync: { $type: 'object' } } as object as { _id: OrgId };
      await guarded('note what was told', () => organizations.updateOne(synced, change));
    },
  };
}

/** What was told, as it is stored in `lumaSync`. */
function toldOf(told: unknown): ToldNeed[] {
  if (!Array.isArray(told)) return [];
  return (told as Partial<Record<string, unknown>>[]).flatMap((one) => {
    const need = NEEDS.find((known) => known === one.need);
    return need !== undefined && one.since instanceof Date ? { need, since: one.since } : [];
  });
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

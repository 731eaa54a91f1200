import type { QuarantinedEntryDoc } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import { checkOptionalId } from './arguments.js';

/** An entry of Luma's that could not be trusted. `entryKey` tells those of one organization apart. */
export interface QuarantinedSummary extends Omit<QuarantinedEntryDoc, '_id' | 'orgId' | 'lastSeenIn'> {
  orgId: string;
}

export interface Quarantine {
  /** By organization, oldest first. @throws InvalidArgument, OrgNotFound, StoreUnavailable */
  list(orgId?: string): Promise<QuarantinedSummary[]>;
}

export function quarantineOf(store: () => Promise<Store>): Quarantine {
  return {
    async list(orgId) {
      checkOptionalId(orgId, 'orgId');
      const { organizations, quarantine } = await store();
      const _id = orgId === undefined ? undefined : (await organizations.get(orgId))._id;
      return (await quarantine.list(_id)).map(
        ({ orgId: of, source, entryKey, lumaEventId, problems, values, firstSeenAt, lastSeenAt }) => ({
          ...{ orgId: String(of), source, entryKey, lumaEventId, problems, values, firstSeenAt, lastSeenAt },
        }),
      );
    },
  };
}

import type { Db } from 'mongodb';
import type { OrganizationDoc } from '../mongo/documents.js';
import { guarded } from '../mongo/errors.js';
import { orgIdsOf } from '../mongo/read-organization.js';

/** What organizations are called: their own name, or their calendar's. @returns by id; without those that have none */
export async function organizationNames(db: Db, orgIds: readonly string[]): Promise<Map<string, string>> {
  if (orgIds.length === 0) return new Map();
  const docs = await guarded('read names of organizations', () =>
    db
      .collection<OrganizationDoc>('organizations')
      .find({ _id: { $in: orgIds.flatMap(orgIdsOf) } })
      .project<{ _id: unknown; name?: unknown; lumaSync?: { calendarName?: unknown } }>({
        name: 1,
        'lumaSync.calendarName': 1,
      })
      .toArray(),
  );
  return new Map(
    docs.flatMap(({ _id, name, lumaSync }) => {
      const found = [name, lumaSync?.calendarName].find(
        (one) => typeof one === 'string' && one.trim() !== '',
      );
      return typeof found === 'string' ? [[String(_id), found] as const] : [];
    }),
  );
}

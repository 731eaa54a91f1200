import type { Document } from 'mongodb';
import type { OrgId } from './documents.js';

/**
 * An aggregation of the newest instant in `field` of each organization, `{_id, newest}`. By the index on organization
 * and instant: one entry is read of each organization.
 * @param orgId `null`: of all organizations
 */
export function newestInstants(field: 'changedAt' | 'removedAt', orgId: OrgId | null): Document[] {
  return [
    ...(orgId === null ? [] : [{ $match: { orgId } }]),
    { $sort: { orgId: -1, [field]: -1 } },
    ...(orgId === null ? [] : [{ $limit: 1 }]),
    { $group: { _id: '$orgId', newest: { $first: `$${field}` } } },
  ];
}

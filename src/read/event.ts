import type { EventFields } from '../events/event.js';
import { EVENT_FIELDS } from '../events/diff.js';
import { hasEventFields } from '../events/read-fields.js';
import type { EventDoc } from '../mongo/documents.js';
import { isObjectId } from '../mongo/object-id.js';

/** An event as applications read it: its document in `events` without what is internal. */
export type LumaEvent = Omit<EventFields, 'fromApi'> &
  Pick<EventDoc, 'orgId' | 'lumaEventId' | 'revision' | 'createdAt' | 'changedAt' | 'syncedAt'>;

const OWN = ['orgId', 'lumaEventId', 'revision', 'createdAt', 'changedAt', 'syncedAt'] as const;

/** What is read of a document. Fields of the application's own stay where they are. */
export const EVENT_PROJECTION = Object.fromEntries(
  [...OWN, ...EVENT_FIELDS].filter((name) => name !== 'fromApi').map((name) => [name, 1] as const),
) as Record<keyof LumaEvent, 1>;

/** Documents that luma-sync has written. What other programs put there may be anything. */
export const WRITTEN = { lumaEventId: { $type: 'string' }, revision: { $gte: 1 } } as const;

/** Whether every field is of its type: a document may have been damaged by hand. */
export function isLumaEvent(doc: object): boolean {
  const fields = doc as Readonly<Record<string, unknown>>;
  const { orgId, lumaEventId, createdAt, changedAt, syncedAt } = fields;
  return (
    (typeof orgId === 'string' || isObjectId(orgId)) &&
    typeof lumaEventId === 'string' &&
    [createdAt, changedAt, syncedAt].every((at) => at instanceof Date) &&
    hasEventFields(fields)
  );
}

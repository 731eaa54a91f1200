import { type Db, ObjectId } from 'mongodb';
import type { EventDoc, RemovedEventDoc } from '../../../src/mongo/documents.js';

const BEGIN = Date.parse('2090-11-03T18:00:00Z');

/** So many hours after an instant that all tests share. */
export function hour(hours: number): Date {
  return new Date(BEGIN + hours * 3_600_000);
}

/** A document as a sync writes it. */
export function eventDoc(lumaEventId: string, fields: Partial<EventDoc> = {}): EventDoc {
  return {
    ...{ _id: new ObjectId(), orgId: 'harbour', lumaEventId },
    title: `Title of ${lumaEventId}`,
    startAt: hour(0),
    timezone: 'Europe/Brussels',
    url: `https://luma.com/${lumaEventId}`,
    isVirtual: false,
    locationKind: 'in-person',
    visibility: 'public',
    platform: 'luma',
    source: 'api',
    tags: [],
    revision: 1,
    createdAt: hour(-100),
    changedAt: hour(-50),
    syncedAt: hour(-50),
    fingerprint: 'internal',
    ...fields,
  };
}

export function removedDoc(lumaEventId: string, fields: Partial<RemovedEventDoc> = {}): RemovedEventDoc {
  return { ...eventDoc(lumaEventId), removedAt: hour(-1), removalReason: 'canceled', ...fields };
}

export async function store(db: Db, ...docs: object[]): Promise<void> {
  await db.collection('events').insertMany(docs);
}

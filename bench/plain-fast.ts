/**
 * The fastest plain script for the same job: pages one after the other, organizations side by side, one small read an
 * organization to skip what has not changed, one bulk a page for the rest. It keeps none of the promises: no retries, no
 * pauses, no removals, no sealed keys, no second process.
 */
import { createHash } from 'node:crypto';
import { type AnyBulkWriteOperation, type Db, MongoClient } from 'mongodb';
import { AT_ONCE } from './workloads.js';

interface Page {
  entries: { id: string; start_at: string; name: string }[];
  has_more: boolean;
  next_cursor?: string;
}

interface Doc {
  orgId: string;
  lumaEventId: string;
  hash: string;
}

const { BENCH_LUMA = '', BENCH_MONGO = '', BENCH_DB = '', BENCH_KEYS = '[]' } = process.env;
const client = await new MongoClient(BENCH_MONGO).connect();
const db = client.db(BENCH_DB);
await db
  .collection('plain')
  .createIndexes([{ name: 'by_org', key: { orgId: 1, lumaEventId: 1 }, unique: true }]);
const waiting = [...(JSON.parse(BENCH_KEYS) as string[]).entries()];
const began = performance.now();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await sync(db, `org-${next[0]}`, next[1]);
    }
  }),
);
process.stdout.write(`${JSON.stringify({ ms: performance.now() - began })}\n`);
await client.close();

async function sync(on: Db, orgId: string, key: string): Promise<void> {
  const collection = on.collection<Doc>('plain');
  const stored = await collection
    .find({ orgId })
    .project<Doc>({ _id: 0, lumaEventId: 1, hash: 1 })
    .batchSize(10_000)
    .toArray();
  const known = new Map(stored.map(({ lumaEventId, hash }) => [lumaEventId, hash]));
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const query = new URLSearchParams({ pagination_limit: '100', sort_column: 'start_at' });
    query.append('platforms', 'luma');
    query.append('platforms', 'external');
    query.append('access', 'manage');
    query.append('access', 'view');
    if (cursor !== '') query.set('pagination_cursor', cursor);
    const response = await fetch(`${BENCH_LUMA}/v1/calendars/events/list?${query.toString()}`, {
      headers: { 'x-luma-api-key': key, 'user-agent': 'plain' },
    });
    const page = (await response.json()) as Page;
    const hashes = new Map(
      page.entries.map((entry) => [
        entry.id,
        createHash('sha256').update(JSON.stringify(entry)).digest('base64').slice(0, 16),
      ]),
    );
    const changed = page.entries.filter(({ id }) => known.get(id) !== hashes.get(id));
    if (changed.length > 0) {
      const writes = changed.map((entry): AnyBulkWriteOperation<Doc> => ({
        updateOne: {
          filter: { orgId, lumaEventId: entry.id },
          update: { $set: { ...entry, startAt: new Date(entry.start_at), hash: hashes.get(entry.id) ?? '' } },
          upsert: true,
        },
      }));
      await collection.bulkWrite(writes, { ordered: false });
    }
    cursor = page.has_more ? page.next_cursor : undefined;
  }
}

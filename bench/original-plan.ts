/**
 * The script that this project was first planned as: one organization after the other, 200 ms between pages and 1 s
 * between organizations, every event written every time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';

interface Page {
  entries: { id: string; start_at: string; name: string }[];
  has_more: boolean;
  next_cursor?: string;
}

const { BENCH_LUMA = '', BENCH_MONGO = '', BENCH_DB = '', BENCH_KEYS = '[]' } = process.env;
const client = await new MongoClient(BENCH_MONGO).connect();
const collection = client.db(BENCH_DB).collection('planned');
await collection.createIndex({ lumaEventId: 1 });
const began = performance.now();
for (const key of JSON.parse(BENCH_KEYS) as string[]) {
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const query = new URLSearchParams({ pagination_limit: '100' });
    if (cursor !== '') query.set('pagination_cursor', cursor);
    const response = await fetch(`${BENCH_LUMA}/v1/calendars/events/list?${query.toString()}`, {
      headers: { 'x-luma-api-key': key, 'user-agent': 'plan' },
    });
    const page = (await response.json()) as Page;
    for (const entry of page.entries) {
      await collection.updateOne(
        { lumaEventId: entry.id },
        { $set: { title: entry.name, startAt: Date.parse(entry.start_at), syncedAt: Date.now() } },
        { upsert: true },
      );
    }
    cursor = page.has_more ? page.next_cursor : undefined;
    if (cursor !== undefined) await delay(200);
  }
  await delay(1_000);
}
process.stdout.write(`${JSON.stringify({ ms: performance.now() - began })}\n`);
await client.close();

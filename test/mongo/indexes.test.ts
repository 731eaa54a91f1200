import { afterAll, expect, test } from 'vitest';
import { connectStore } from '../../src/mongo/store.js';
import { freshDatabase } from '../support/servers.js';

const { db, uri, name } = freshDatabase();
const store = await connectStore({ uri, db: name });
const other = await connectStore({ uri, db: name });
afterAll(() => Promise.all([store.close(), other.close()]));

const EXPECTED = {
  events: {
    by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'],
    by_org_start: [{ orgId: 1, startAt: 1 }],
    by_luma_id: [{ lumaEventId: 1 }],
    by_changed: [{ orgId: 1, changedAt: 1 }],
  },
  removed_events: {
    by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'],
    by_removed: [{ orgId: 1, removedAt: 1 }],
  },
  staged_pages: {
    by_sync: [{ syncId: 1, phase: 1, seq: 1 }, 'unique'],
    expiry: [{ observedAt: 1 }, 2 * 86_400],
  },
  event_states: { by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'] },
  held_removals: { by_org: [{ orgId: 1, lumaEventId: 1 }, 'unique'] },
  quarantined_entries: { by_org: [{ orgId: 1, entryKey: 1 }, 'unique'] },
  sync_fences: { expiry: [{ expireAt: 1 }, 0] },
  sync_runs: { by_org: [{ orgId: 1, startedAt: -1 }], expiry: [{ startedAt: 1 }, 90 * 86_400] },
};

async function indexes(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name: collection } of await db.listCollections().toArray()) {
    const all = await db.collection(collection).indexes();
    found[collection] = Object.fromEntries(
      all
        .filter((index) => index.name !== '_id_')
        .map((index) => [
          index.name,
          [
            index.key,
            ...(index.unique === true ? ['unique'] : []),
            ...(index.expireAfterSeconds === undefined ? [] : [index.expireAfterSeconds]),
          ],
        ]),
    );
  }
  return found;
}

test('two workers that start at once create every index, and later ones find them', async () => {
  await Promise.all([store.ensureIndexes(), other.ensureIndexes()]);
  expect(await indexes()).toEqual(EXPECTED);
  await store.ensureIndexes();
  expect(await indexes()).toEqual(EXPECTED);
});

import { ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connectLumaSync, OrgNotFound, PositionInvalid, readChanges } from '../../src/client.js';
import type { OrganizationDoc, OrgId } from '../../src/mongo/documents.js';
import { storeOf } from '../../src/mongo/store.js';
import { applyAt, at, inWrite, seen } from '../mongo/support/store.js';
import { freshDatabase } from '../support/servers.js';

const { db, uri, name } = freshDatabase();
const mongo = { uri, db: name };
const store = storeOf(db, { now: () => new Date() });
const lumaSync = connectLumaSync({ mongo });
const hex = new ObjectId();

afterAll(() => lumaSync.close());
beforeEach(async () => {
  await db.dropDatabase();
  await store.ensureIndexes();
  await db.collection<OrganizationDoc>('organizations').insertMany([{ _id: 'acme' }, { _id: hex }]);
});

const show = (orgId: OrgId, second: number, ...ids: string[]) =>
  applyAt(store, orgId, second, { events: ids.map((id) => seen(id)) });

const cancel = (orgId: OrgId, second: number, id: string) =>
  inWrite(store, orgId, (write) => store.events.remove(write, new Map([[id, 'canceled']]), at(second)));

async function toldSince(since: string | null, query: { orgId?: string; limit?: number } = {}) {
  const { changes, ...rest } = await lumaSync.changes.read({ since, ...query });
  return { ...rest, told: changes.map(({ kind, event }) => `${kind} ${event.lumaEventId}`) };
}

describe('reading changes', () => {
  it('begins with everything there is, and goes on with what happened since', async () => {
    await show('acme', 0, 'evt-1');
    const first = await toldSince(null);
    expect(first).toMatchObject({ told: ['changed evt-1'], more: false });
    await show('acme', 1, 'evt-2');
    await cancel('acme', 2, 'evt-1');
    const { changes, position } = await lumaSync.changes.read({ since: first.position });
    expect(changes).toMatchObject([
      { kind: 'changed', event: { orgId: 'acme', lumaEventId: 'evt-2', revision: 1 } },
      { kind: 'removed', event: { lumaEventId: 'evt-1' }, removedAt: at(2), reason: 'canceled' },
    ]);
    expect(changes[1]?.event).not.toHaveProperty('removalReason');
    expect(changes[0]?.event).not.toHaveProperty('_id');
    expect((await toldSince(position)).told).toEqual([]);
  });

  it('passes over documents of another program', async () => {
    await show('acme', 0, 'evt-1');
    const theirs = { title: 'Theirs', changedAt: at(-5) };
    await db.collection('events').insertMany([
      { ...theirs, orgId: 'acme' },
      { ...theirs, orgId: 'acme', lumaEventId: 7 },
      { ...theirs, orgId: 7, lumaEventId: 'evt-1' },
      { orgId: hex, lumaEventId: 'evt-1', changedAt: 'soon' },
      { lumaEventId: 'evt-1', changedAt: at(0) },
    ]);
    const first = await toldSince(null);
    expect(first).toMatchObject({ told: ['changed evt-1'], more: false });
    await show('acme', 1, 'evt-2');
    expect((await toldSince(first.position)).told).toEqual(['changed evt-2']);
    expect((await toldSince(null, { orgId: hex.toHexString() })).told).toEqual([]);
  });

  it('pages through more events of one instant than fit a page', async () => {
    await show('acme', 0, 'evt-1', 'evt-2', 'evt-3', 'evt-4', 'evt-5');
    const told: string[] = [];
    let page = await toldSince(null, { limit: 2 });
    while (page.more) {
      told.push(...page.told);
      page = await toldSince(page.position, { limit: 2 });
    }
    told.push(...page.told);
    expect(told.sort()).toEqual(['evt-1', 'evt-2', 'evt-3', 'evt-4', 'evt-5'].map((id) => `changed ${id}`));
  });

  it('of one organization leaves the others for later, whatever the type of its id', async () => {
    await show(hex, 0, 'evt-1');
    await show('acme', 0, 'evt-1', 'evt-2');
    const one = await toldSince(null, { orgId: hex.toHexString() });
    expect(one.told).toEqual(['changed evt-1']);
    const rest = await toldSince(one.position);
    expect(rest.told).toEqual(['changed evt-1', 'changed evt-2']);
    expect((await toldSince(rest.position)).told).toEqual([]);
  });

  it('a position is short while no sync is under way', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `evt-${n}`);
    await show('acme', 0, ...ids);
    const open = await lumaSync.changes.read();
    await db
      .collection<OrganizationDoc>('organizations')
      .updateOne({ _id: 'acme' }, { $set: { 'lumaSync.state': 'ok' } });
    const { changes, position } = await lumaSync.changes.read({ since: open.position });
    expect(changes).toEqual([]);
    expect(position.length).toBeLessThan(80);
    expect(open.position.length).toBeGreaterThan(1_000);
  });

  it('what is no position, an unknown organization and a limit that is none are refused', async () => {
    for (const since of ['', 'nonsense', Buffer.from('[2,[]]').toString('base64url')]) {
      await expect(lumaSync.changes.read({ since })).rejects.toThrow(PositionInvalid);
    }
    await expect(lumaSync.changes.read({ orgId: 'nobody' })).rejects.toThrow(OrgNotFound);
    await expect(lumaSync.changes.read({ limit: 0 })).rejects.toThrow(RangeError);
  });

  it('in one call connects and closes by itself', async () => {
    await show('acme', 0, 'evt-1', 'evt-2');
    const first = await readChanges(null, 'acme', { config: { mongo }, limit: 1 });
    expect(first).toMatchObject({ changes: [{ kind: 'changed' }], more: true });
    const second = await readChanges(first.position, undefined, { config: { mongo } });
    expect(second.changes).toHaveLength(1);
  });
});

describe('examples/print-changes.mjs', () => {
  const program = fileURLToPath(new URL('../../examples/print-changes.mjs', import.meta.url));

  async function start(file: string) {
    const child = spawn(process.execPath, [program, file], {
      env: { PATH: process.env.PATH, MONGODB_URI: uri, MONGODB_DB: name },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse(String((await lines.next()).value)) as unknown;
    const ended = once(child, 'close');
    const end = async () => {
      child.kill('SIGTERM');
      return (await ended)[0] as unknown;
    };
    return await Promise.resolve({ next, end });
  }

  it('prints changes as they come, and goes on where it ended', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'luma-sync-changes-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const file = join(dir, 'position');
    await show('acme', 0, 'evt-1');

    const first = await start(file);
    expect(await first.next()).toMatchObject({ kind: 'changed', event: { lumaEventId: 'evt-1' } });
    await show('acme', 1, 'evt-2');
    expect(await first.next()).toMatchObject({ kind: 'changed', event: { lumaEventId: 'evt-2' } });
    expect(await first.end()).toBe(0);
    expect((await toldSince(await readFile(file, 'utf8'))).told).toEqual([]);

    await cancel('acme', 2, 'evt-1');
    const second = await start(file);
    expect(await second.next()).toMatchObject({ kind: 'removed', reason: 'canceled' });
    expect(await second.end()).toBe(0);
  });
});

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { UpsertEventsInput } from '../../src/activities/upsert-events.js';
import { run } from '../activities/support/activities.js';
import { useRig } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { startProcess } from './support/executable.js';
import { type SeenCommand, startMongoProxy } from './support/mongo-proxy.js';

// A worker that stands still, as in a long pause of its machine, until others have finished its sync and a newer one.
const waiting = { timeout: 60_000, interval: 10 };
const child = fileURLToPath(new URL('./fixtures/upsert-events.ts', import.meta.url));

const rig = useRig();
const documents = async (collection: string) =>
  await rig.store.db.collection(collection).find().sort({ lumaEventId: 1 }).toArray();

/** Opens a sync and stages the whole calendar. */
async function listed(orgId: string): Promise<UpsertEventsInput> {
  const sync = await rig.openSync(orgId);
  const { throughSeq } = await run(rig.dependencies(), 'fetchLumaPages', sync);
  return { ...sync, phase: 'listing', fromSeq: 1, throughSeq };
}

/** To its end, by a worker that is well. */
async function applied(input: UpsertEventsInput): Promise<void> {
  await run(rig.dependencies(), 'upsertEvents', input);
  await rig.store.fences.end(input.orgId, input.syncId);
}

test.each([
  [
    'before it writes events',
    ({ name, collection }: SeenCommand) => name === 'update' && collection === 'events',
  ],
  [
    'before it removes one',
    ({ name, collection }: SeenCommand) => name === 'delete' && collection === 'events',
  ],
  ['before it commits', ({ name }: SeenCommand) => name === 'commitTransaction'],
])('a process that is stopped %s writes nothing once it goes on', async (_, isThere) => {
  await rig.startLuma({ calendars: [{ events: [{ id: 'evt-1' }, { id: 'evt-2' }, { id: 'evt-3' }] }] });
  const calendar = rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
  const orgId = await rig.addOrganization();
  await applied(await listed(orgId));

  calendar.editEvent('evt-1', { name: 'Old title' });
  calendar.hide('evt-2');
  const old = await listed(orgId);
  const server = new URL(mongoUri());
  const proxy = await startMongoProxy(Number(server.port));
  server.port = String(proxy.port);
  let goOn = (): void => undefined;
  let isHeld = false;
  proxy.gate = (command) => {
    if (isHeld || !isThere(command)) return undefined;
    isHeld = true;
    slow.kill('SIGSTOP');
    return new Promise((resolve) => (goOn = resolve));
  };
  const slow = startProcess(process.execPath, ['--import', 'tsx', child], {
    STORE_URI: server.href,
    STORE_DB: rig.store.db.databaseName,
    KEYRING: rig.keyringText,
    INPUT: JSON.stringify(old),
  });
  await expect.poll(() => isHeld, waiting).toBe(true);

  await applied(old);
  calendar.editEvent('evt-1', { name: 'Newest title' });
  calendar.hide('evt-3');
  await applied(await listed(orgId));
  const before = [await documents('events'), await documents('removed_events')];
  expect(before[0]).toMatchObject([{ lumaEventId: 'evt-1', title: 'Newest title' }]);

  slow.kill('SIGCONT');
  goOn();
  const { stdout } = await slow.ended;
  expect(['SyncOvertaken\n', 'PagesAlreadyApplied\n']).toContain(stdout);
  expect([await documents('events'), await documents('removed_events')]).toEqual(before);
});

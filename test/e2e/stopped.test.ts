import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { useRig } from '../support/rig.js';
import { deploy } from './support/deployment.js';
import { type SeenCommand, startMongoProxy } from './support/mongo-proxy.js';

// A worker that stands still, as in a long pause of its machine, until others have finished its sync and a newer one.
// Its heartbeat is missed after 10 s, in which Temporal may also give it work that then waits as long.
const LIMIT_MS = 240_000;
const waiting = { timeout: 60_000, interval: 20 };

const rig = useRig();
const documents = async (collection: string) =>
  await rig.store.db.collection(collection).find().sort({ lumaEventId: 1 }).toArray();

async function sync(client: Client): Promise<void> {
  const options = { workflowId: 'luma-org-sync/acme', taskQueue: 'luma-sync', args: [{ orgId: 'acme' }] };
  await client.workflow.execute('OrgSyncWorkflow', options);
}

test.each([
  [
    'before it writes events',
    ({ name, collection }: SeenCommand) => name === 'update' && collection === 'events',
  ],
  [
    'before it removes an event',
    ({ name, collection }: SeenCommand) => name === 'delete' && collection === 'events',
  ],
  ['before it commits', ({ name }: SeenCommand) => name === 'commitTransaction'],
])(
  'a worker that stands still %s writes nothing once it goes on',
  { timeout: LIMIT_MS },
  async (_, isThere) => {
    const events = ['evt-1', 'evt-2', 'evt-3'].map((id) => ({ id, description: 'All is said in the list' }));
    await rig.startLuma({ calendars: [{ events }] });
    const calendar = rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
    const { client, env, addOrganization, startWorker } = await deploy(rig);
    await addOrganization('acme', 0);
    const server = new URL(env.MONGODB_URI ?? '');
    const proxy = await startMongoProxy(Number(server.port));
    server.port = String(proxy.port);
    const slow = await startWorker({ MONGODB_URI: server.href });
    await sync(client);

    calendar.editEvent('evt-1', { name: 'Old title' });
    calendar.hide('evt-2');
    let goOn = (): void => undefined;
    let isHeld = false;
    proxy.gate = (command) => {
      if (isHeld || !isThere(command)) return undefined;
      isHeld = true;
      slow.kill('SIGSTOP');
      return new Promise((resolve) => (goOn = resolve));
    };
    const standing = sync(client);
    await expect.poll(() => isHeld, waiting).toBe(true);
    await startWorker();
    await standing;
    calendar.editEvent('evt-1', { name: 'Newest title' });
    calendar.hide('evt-3');
    await sync(client);
    const before = [await documents('events'), await documents('removed_events')];
    expect(before[0]).toMatchObject([{ lumaEventId: 'evt-1', title: 'Newest title' }]);

    const seen = proxy.commands.length;
    slow.kill('SIGCONT');
    goOn();
    // It reads its fence anew, and gives up.
    const since = () => proxy.commands.slice(seen).map(({ name }) => name);
    await expect.poll(since, waiting).toContain('abortTransaction');

    expect([await documents('events'), await documents('removed_events')]).toEqual(before);
    expect(await documents('organizations')).toMatchObject([{ lumaSync: { state: 'ok' } }]);
  },
);

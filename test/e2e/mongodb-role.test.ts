import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { useRig } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere } from '../cli/support/run.js';
import { deploy } from './support/deployment.js';
import { startExecutable } from './support/executable.js';
import { type SeenCommand, startMongoProxy } from './support/mongo-proxy.js';

interface Role {
  role: string;
  privileges: { resource: { db: string; collection: string }; actions: string[] }[];
  roles: string[];
}

/** What deploy/mongodb-role.js has mongosh create in a database of this name. */
function documentedRole(database: string): Role {
  const script = readFileSync(new URL('../../deploy/mongodb-role.js', import.meta.url), 'utf8');
  const created: string[] = [];
  const db = { getName: () => database, createRole: (role: Role) => created.push(JSON.stringify(role)) };
  runInNewContext(script, { db });
  return JSON.parse(created[0] ?? '') as Role;
}

/** Whoever is logged in may send these. */
const NEEDS_NOTHING =
  /^(hello|isMaster|ismaster|ping|buildInfo|connectionStatus|endSessions|getMore|killCursors|commitTransaction|abortTransaction|killSessions|sasl\w+)$/;

const ACTIONS: Record<string, string[]> = {
  ...{ find: ['find'], aggregate: ['find'], count: ['find'], distinct: ['find'] },
  ...{ insert: ['insert'], update: ['update'], delete: ['remove'], findAndModify: ['find', 'update'] },
  ...{ createIndexes: ['createIndex'], listIndexes: ['listIndexes'] },
};

/** What MongoDB asks for before it carries the command out; see "Privilege Actions" in its manual. */
function needs({ name, upsert, writesResult }: SeenCommand): string[] {
  if (NEEDS_NOTHING.test(name)) return [];
  return [
    ...(ACTIONS[name] ?? [`a command that this test does not know: ${name}`]),
    ...(upsert ? ['insert'] : []),
    ...(writesResult ? ['a pipeline that writes'] : []),
  ];
}

const rig = useRig();

test(
  'the worker and the commands send MongoDB nothing but what the role of deploy/mongodb-role.js allows',
  { timeout: 240_000 },
  async () => {
    await rig.startLuma({ calendars: [{ id: 'cal-a', events: 40 }] });
    const server = new URL(mongoUri());
    const proxy = await startMongoProxy(Number(server.port));
    server.port = String(proxy.port);
    const { env, addOrganization, startWorker } = await deploy(rig);
    const settings: Record<string, string> = { ...env, MONGODB_URI: server.href, LUMA_API_KEY: 'secret-b' };
    await addOrganization('a', 0);
    // The rig has made the indexes: one is left for the worker.
    await rig.store.db.collection('events').dropIndex('by_changed');
    const worker = await startWorker(settings);
    const run = async (...args: string[]): Promise<void> => {
      const { code, stderr } = await cliHere(args, settings);
      expect([0, 3], stderr).toContain(code);
    };

    await run('sync');
    const ids = (await rig.store.events.list({ limit: 200 })).map(({ lumaEventId }) => lumaEventId);
    const calendar = rig.luma.calendar('cal-a');
    for (const id of ids.slice(0, ids.length / 2)) calendar.cancel(id);
    calendar.setFault({ kind: 'override', eventId: ids.at(-1) ?? '', fields: { timezone: 'Mars/Olympus' } });
    await run('sync', '--org', 'a');
    // External events are not held back.
    await run('removals', 'reject', '--org', 'a', ids.find((id) => id.startsWith('evt-')) ?? '');
    await run('removals', 'approve', '--org', 'a', '--all');
    await run('sync', '--org', 'a', '--dry-run');
    await run('sync', '--org', 'a');
    await run('removals', 'list');
    await run('quarantine', 'retry');
    await run('events', '--org', 'a');
    await run('orgs', 'add', '--name', 'B', '--id', 'b', '--no-check');
    await run('orgs', 'show', 'a');
    await run('orgs', 'rebind', 'a');
    await run('orgs', 'list');
    await run('doctor');
    await run('estimate');
    await run('keyring', 'status');
    await run('keyring', 'rotate');
    const receiver = startExecutable(['serve'], { ...settings, LUMA_SYNC_HTTP_ADDR: '0' });
    await receiver.saw('"serving"');
    const served = receiver.written.stdout.split('\n').find((line) => line.includes('"serving"')) ?? '{}';
    settings.LUMA_SYNC_PUBLIC_URL = (JSON.parse(served) as { url: string }).url;
    await run('webhooks', 'apply');
    await run('webhooks', 'list');
    calendar.addEvent({ id: 'evt-told', name: 'Told', start_at: '2030-01-01T00:00:00Z' });
    await rig.luma.delivered();
    await expect
      .poll(() => rig.store.db.collection('events').countDocuments({ lumaEventId: 'evt-told' }), {
        timeout: 30_000,
      })
      .toBe(1);
    await run('status');
    await run('keyring', 'rotate');
    await run('webhooks', 'remove');
    receiver.kill('SIGTERM');
    await receiver.ended;
    await run('orgs', 'remove', 'a', '--yes');
    worker.kill('SIGTERM');
    await worker.ended;

    const database = rig.store.db.databaseName;
    const allowed = new Set(
      documentedRole(database).privileges.flatMap(({ resource: { db, collection }, actions }) =>
        actions.map((action) => `${action} ${db}.${collection}`),
      ),
    );
    const needed = new Set(
      proxy.commands.flatMap((command) =>
        needs(command).map((action) => `${action} ${command.db}.${command.collection}`),
      ),
    );
    expect([...needed].filter((privilege) => !allowed.has(privilege))).toEqual([]);
    expect([...needed]).toEqual(
      expect.arrayContaining([
        `remove ${database}.events`,
        `insert ${database}.removed_events`,
        `update ${database}.held_removals`,
        `createIndex ${database}.events`,
        `update ${database}.organizations`,
        `insert ${database}.organizations`,
        `remove ${database}.organizations`,
        `insert ${database}.webhook_deliveries`,
      ]),
    );
  },
);

test('the role lets nobody change decisions or see other collections', () => {
  const { privileges, roles } = documentedRole('app');
  const actions = Object.fromEntries(
    privileges.map(({ resource, actions }) => [`${resource.db}.${resource.collection}`, actions]),
  );
  expect(roles).toEqual([]);
  expect(actions['app.decisions']).toEqual(['find', 'insert', 'createIndex', 'listIndexes']);
  expect(Object.keys(actions)).not.toContain('app.');
});

import { randomUUID } from 'node:crypto';
import { type CommandStartedEvent, MongoClient } from 'mongodb';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { countTemporal } from '../../bench/temporal-counts.js';
import { estimate, type Estimate } from '../../src/client.js';
import { readConfig } from '../../src/config.js';
import { storeOf } from '../../src/mongo/store.js';
import { useRig, useTemporal } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';

const rig = useRig();
const temporal = useTemporal();
const client = new MongoClient(mongoUri(), { monitorCommands: true, ignoreUndefined: true });
afterAll(() => client.close());

const DAY_MS = 86_400_000;
/** Nothing becomes past while the test goes on. */
const at = (days: number, nth: number) => new Date(Date.now() + days * DAY_MS + nth * 60_000).toISOString();
const events = (name: string, past: number, upcoming: number) =>
  Array.from({ length: past + upcoming }, (_, nth) => ({
    ...{ id: `evt-${name}-${nth}`, start_at: at(nth < past ? -100 : 100, nth) },
    ...{ visibility: 'public' as const },
  }));

/** What one full sync really cost, as a scheduled one. */
interface Real {
  lumaRequests: number;
  temporalActions: number;
  mongoWrites: number;
}

let clockMs = 0;
let mongoWrites = 0;
let sync: () => Promise<Real>;

beforeEach(async () => {
  clockMs = 0;
  await rig.startLuma({
    maxPageSize: 50,
    calendars: [
      { id: 'cal-past', events: events('past', 10, 0) },
      { id: 'cal-both', events: events('both', 70, 20) },
      { id: 'cal-many', events: events('many', 10, 35) },
      { id: 'cal-none', events: [] },
    ],
  });
  for (const nth of [0, 1, 2, 3]) await rig.addOrganization(nth);
  const db = client.db(rig.store.db.databaseName);
  const now = () => new Date(Date.now() + clockMs);
  const store = storeOf(db, { now });
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ store, now }));
  client.removeAllListeners('commandStarted').on('commandStarted', (event) => {
    const w = writesOf(event);
    if (w > 0)
      process.stderr.write(`${event.commandName} ${String(event.command[event.commandName])} ${w}\n`);
    mongoWrites += w;
  });
  sync = async () => {
    rig.luma.resetStats();
    mongoWrites = 0;
    const workflowId = `luma-full-sync-${randomUUID()}`;
    const handle = await temporal.client.workflow.start('FullSyncWorkflow', {
      workflowId,
      taskQueue,
      args: [{}],
    });
    expect(await handle.result()).toMatchObject({ status: 'complete' });
    const { actions } = await countTemporal(temporal.client, workflowId, handle.firstExecutionRunId);
    // Started by a schedule, it costs two more.
    return { lumaRequests: rig.luma.stats().requests, temporalActions: actions + 2, mongoWrites };
  };
});

/** Documents that a command writes. */
function writesOf({ commandName, command }: CommandStartedEvent): number {
  const { documents, updates, deletes } = command as Record<string, unknown[] | undefined>;
  if (commandName === 'findAndModify') return 1;
  return [documents, updates, deletes].reduce((sum, list) => sum + (list?.length ?? 0), 0);
}

async function estimated(env: Record<string, string> = {}): Promise<Estimate> {
  const config = readConfig(
    {
      ...{ TEMPORAL_ADDRESS: temporal.address, MONGODB_URI: mongoUri(), HOME: '/nonexistent' },
      ...{ MONGODB_DB: rig.store.db.databaseName, LUMA_SYNC_KEYRING: rig.keyringText },
      // A name under which there is no schedule: daily is assumed.
      ...{ LUMA_BASE_URL: rig.luma.url, LUMA_SYNC_SCOPE: randomUUID(), ...env },
    },
    ['temporal', 'mongo', 'keyring', 'lumaProxies'],
  );
  return await estimate({ config });
}

function expectNear({ aRun }: Estimate, real: Real): void {
  process.stderr.write(`${JSON.stringify({ aRun, real })}\n`);
  for (const name of ['lumaRequests', 'temporalActions', 'mongoWrites'] as const) {
    const said = `${name}: estimated ${aRun[name]}, really ${real[name]}`;
    expect.soft(Math.abs(aRun[name] - real[name]), said).toBeLessThanOrEqual(real[name] / 10);
  }
}

/** As if each sync so far had taken a second, whatever else the machine is doing, and begun so many days earlier. */
async function passDays(days: number): Promise<void> {
  clockMs += days * DAY_MS;
  const startedAt = { $subtract: ['$startedAt', days * DAY_MS] };
  const change = [{ $set: { startedAt } }, { $set: { finishedAt: { $add: ['$startedAt', 1_000] } } }];
  await rig.store.db.collection('sync_runs').updateMany({}, change);
}

test('what is estimated is within a tenth of what real syncs do: after the first one, and from a day with news', async () => {
  await sync();
  await passDays(0);
  const fromStored = await estimated();
  expect(fromStored.organizations.map(({ basis }) => basis)).toEqual(Array(4).fill('stored'));
  await passDays(1);
  process.stderr.write(`${JSON.stringify(fromStored)}\n`);
  expectNear(fromStored, await sync());

  await passDays(1);
  const both = rig.luma.calendar('cal-both');
  for (const nth of [0, 1, 2, 3, 80, 81]) both.editEvent(`evt-both-${nth}`, { name: `Renamed ${nth}` });
  for (const nth of [10, 89]) both.cancel(`evt-both-${nth}`);
  rig.luma.calendar('cal-past').editEvent('evt-past-1', { name: 'Renamed' });
  const news = await sync();
  // The first one of all is not looked at: a day without news goes into the mean.
  await rig.store.db.collection('sync_runs').deleteMany({ kind: 'org', 'events.inserted': { $gt: 0 } });
  await passDays(0);
  const fromRuns = await estimated();
  expect(fromRuns.organizations.map(({ basis }) => basis)).toEqual(['runs', 'runs', 'runs', 'stored']);
  process.stderr.write(`${JSON.stringify(fromRuns)}\n`);
  expectNear(fromRuns, news);
});

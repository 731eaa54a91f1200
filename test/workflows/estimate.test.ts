import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
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
  client.removeAllListeners('commandSucceeded').on('commandSucceeded', (event) => {
    if (/^(insert|update|delete)$/.test(event.commandName)) mongoWrites += (event.reply as { n: number }).n;
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
  for (const name of ['lumaRequests', 'temporalActions', 'mongoWrites'] as const) {
    const said = `${name}: estimated ${aRun[name]}, really ${real[name]}`;
    expect(Math.abs(aRun[name] - real[name]), said).toBeLessThanOrEqual(real[name] / 10);
  }
}

/** As if each sync so far had taken a second, whatever else the machine is doing, and begun so many days earlier. */
async function passDays(days: number): Promise<void> {
  clockMs += days * DAY_MS;
  const startedAt = { $subtract: ['$startedAt', days * DAY_MS] };
  const change = [{ $set: { startedAt } }, { $set: { finishedAt: { $add: ['$startedAt', 1_000] } } }];
  await rig.store.db.collection('sync_runs').updateMany({}, change);
}

test('what is estimated is within a tenth of what real syncs do: before and after the first one, and from a day with news', async () => {
  const fromLuma = await estimated();
  // Two requests about the calendar of two pages, one about each of the others.
  expect(rig.luma.stats().requests).toBe(5);
  await sync();
  await passDays(0);
  const fromStored = await estimated();
  for (const { orgId, basis, aRun, rough } of fromLuma.organizations) {
    expect(basis).toBe('listing');
    const stored = fromStored.organizations.find((one) => one.orgId === orgId);
    const { temporalHeartbeats } = aRun;
    if (rough === undefined) expect(aRun).toEqual({ ...stored?.aRun, temporalHeartbeats });
  }
  expect(fromLuma.organizations.filter(({ rough }) => rough)).toHaveLength(1);
  expect(fromStored.organizations.map(({ basis }) => basis)).toEqual(Array(4).fill('stored'));
  await passDays(1);
  expectNear(fromStored, await sync());

  await passDays(1);
  const both = rig.luma.calendar('cal-both');
  for (const nth of [0, 1, 2, 3, 80, 81]) both.editEvent(`evt-both-${nth}`, { name: `Renamed ${nth}` });
  for (const nth of [10, 89]) both.cancel(`evt-both-${nth}`);
  rig.luma.calendar('cal-past').editEvent('evt-past-1', { name: 'Renamed' });
  const news = await sync();
  // Without the first ones, that day alone has one before it.
  await rig.store.db.collection('sync_runs').deleteMany({ kind: 'org', 'events.inserted': { $gt: 0 } });
  await passDays(0);
  const fromRuns = await estimated();
  expect(fromRuns.organizations.map(({ basis }) => basis)).toEqual(Array(4).fill('runs'));
  expectNear(fromRuns, news);
});

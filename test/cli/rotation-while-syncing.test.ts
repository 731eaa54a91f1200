import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FullSyncResult } from '../../src/workflows/contract.js';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { useRig, useTemporal } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere } from './support/run.js';

const rig = useRig();
const temporal = useTemporal();
const ORGANIZATIONS = 20;

test('keys are rotated in the middle of a full sync: all organizations complete, and the old key can go', async () => {
  const calendars = Array.from({ length: ORGANIZATIONS }, () => ({ events: 12 }));
  // Several pages and details, in turns of four organizations: the sync lasts longer than the rotation.
  await rig.startLuma({ calendars, maxPageSize: 5, latencyMs: 20 });
  for (let nth = 0; nth < ORGANIZATIONS; nth++) await rig.addOrganization(nth);
  const older = rig.keyringText;
  const newer = generateKeyring();
  const both = `${newer},${older}`;
  const settings = (ring: string) => ({
    ...{ TEMPORAL_ADDRESS: temporal.address, LUMA_BASE_URL: rig.luma.url },
    ...{ MONGODB_URI: mongoUri(), MONGODB_DB: rig.store.db.databaseName, LUMA_SYNC_KEYRING: ring },
  });
  const withRing = (ring: string) => rig.dependencies({ keyring: parseKeyring(ring) });
  const reports = rig.store.db.collection('sync_runs');
  const ended = async () => await reports.countDocuments({ kind: 'org', state: 'complete' });
  const start = async (taskQueue: string) =>
    await temporal.client.workflow.start('FullSyncWorkflow', {
      ...{ taskQueue, workflowId: `full-${randomUUID()}`, args: [{ concurrency: 4 }] },
    });
  const complete = { status: 'complete', orgs: { total: ORGANIZATIONS, completed: ORGANIZATIONS } };

  await rig.store.keyringChecks.ensure(parseKeyring(older));
  const { taskQueue, worker } = await temporal.startWorker(rig.dependencies());
  const sync = await start(taskQueue);
  await expect.poll(ended, { timeout: 60_000 }).toBeGreaterThan(0);
  // Another worker gets both keys, then the one with the old key ends: the sync goes on meanwhile.
  const next = await temporal.startWorker(withRing(both), { taskQueue });
  await worker.stop();
  const rotated = await cliHere(['keyring', 'rotate', '--json'], settings(both));
  expect(rotated.code).toBe(0);
  expect(JSON.parse(rotated.stdout)).toMatchObject({ left: 0, failures: [] });
  expect(await ended()).toBeLessThan(ORGANIZATIONS);
  expect((await sync.result()) as FullSyncResult).toMatchObject(complete);
  await next.worker.stop();

  // The old key is taken out.
  await temporal.startWorker(withRing(newer), { taskQueue });
  expect((await (await start(taskQueue)).result()) as FullSyncResult).toMatchObject(complete);
  const { stdout } = await cliHere(['doctor', '--json'], settings(newer));
  const { checks } = JSON.parse(stdout) as { checks: { part: string; status: string }[] };
  const ofKeys = checks.filter(({ part }) => part === 'keyring');
  expect(ofKeys.length).toBeGreaterThan(0);
  expect(ofKeys.filter(({ status }) => status !== 'pass')).toEqual([]);
});

import { expect, test } from 'vitest';
import { estimateText, notEstimatedText } from '../../src/cli/output/estimate.js';
import type { Estimate, OrgEstimate } from '../../src/client.js';
import { toTerminal } from '../../src/cli/output/styles.js';
import { generateKeyring } from '../../src/secrets/keyring.js';
import { useRig } from '../support/rig.js';
import { mongoUri, temporalAddress } from '../support/servers.js';
import { cliHere } from './support/run.js';

const cost = (lumaRequests: number) => ({
  ...{ lumaRequests, temporalActions: 6, temporalHeartbeats: 0, mongoWrites: 50 },
});
const organization = (orgId: string, requests: number): OrgEstimate => ({
  ...{ orgId, basis: 'runs', aRun: cost(requests), minutesAtLimit: requests / 200 },
});
const estimate: Estimate = {
  schedule: { runsADay: 2, basis: 'schedule', when: 'cron 0 7,19 * * *' },
  organizations: [organization('rust-berlin', 420), { ...organization('acme', 12), rough: true }],
  notEstimated: [{ orgId: 'gone', reason: 'it has no Luma key' }],
  ...{ aRun: cost(432), aDay: cost(864), minutesAtLimit: 2.1 },
  temporalCloud: { dollarsAMonth: 0.0345, dollarsPerMillion: 50 },
};

test('the costs fit into 80 columns: the whole, the price, and the organizations that cost the most', () => {
  const text = toTerminal(estimateText(estimate, 80), { isTTY: false } as never);
  expect(text.split('\n')).toEqual([
    'Schedule          cron 0 7,19 * * *: 2 syncs a day',
    '',
    '                  A SYNC  A DAY  30 DAYS',
    'Luma requests        432    864   25,920',
    'Temporal actions       6      6      180',
    'MongoDB writes        50     50    1,500',
    '',
    'Temporal Cloud    $0.03 in 30 days, at $50 a million actions',
    "Luma's limit      2.1 min a sync at most (200 requests a minute and calendar)",
    '',
    'ORGANIZATION  REQUESTS  MINUTES  ACTIONS  WRITES  FROM',
    'rust-berlin        420      2.1        6      50  its last syncs',
    'acme                12      0.1        6      50  its last syncs (rough)',
    '(rough): there are more events than were looked at; the first sync tells.',
  ]);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(notEstimatedText(estimate)).toBe(
    'Not in these figures: 1 organization.\n  gone: it has no Luma key',
  );
});

const rig = useRig();
const settings = () => ({
  ...{ TEMPORAL_ADDRESS: temporalAddress(), MONGODB_URI: mongoUri(), LUMA_SYNC_SCOPE: 'nobody' },
  ...{ MONGODB_DB: rig.store.db.databaseName, LUMA_BASE_URL: rig.luma.url },
});

test('of organizations that Luma cannot be asked about it says why, and exits 3; an unknown one is wrong use', async () => {
  await rig.startLuma({ calendars: [{ events: 3 }] });
  const listed = await rig.addOrganization();
  await rig.store.db
    .collection<{ _id: string; lumaApiKey: string }>('organizations')
    .insertOne({ _id: 'rejected', lumaApiKey: 'secret-canary' });
  const ring = { LUMA_SYNC_KEYRING: rig.keyringText };
  const all = await cliHere(['estimate', '--json', '--price', '100'], { ...settings(), ...ring });
  expect(all.code).toBe(3);
  expect(JSON.parse(all.stdout)).toMatchObject({
    schedule: { basis: 'assumed', runsADay: 1 },
    organizations: [{ orgId: listed, basis: 'listing' }],
    notEstimated: [{ orgId: 'rejected' }],
    temporalCloud: { dollarsPerMillion: 100 },
  });
  expect(all.stderr).toContain('rejected: Luma does not accept the API key');
  expect(all.stdout + all.stderr).not.toContain('canary');

  const one = await cliHere(['estimate', '--org', listed], { ...settings(), ...ring });
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(one.stdout).toContain('assumed to be daily: there is no schedule');
  const without = await cliHere(['estimate', '--org', listed], settings());
  expect(without.code).toBe(3);
  expect(without.stderr).toContain('needs the key ring');
  const other = { ...settings(), LUMA_SYNC_KEYRING: generateKeyring() };
  expect((await cliHere(['estimate', '--org', listed], other)).stderr).toContain('which the key ring lacks');
  expect((await cliHere(['estimate', '--org', 'nobody'], settings())).code).toBe(2);
  expect((await cliHere(['estimate', '--price', 'much'], settings())).code).toBe(2);
});

test('without Temporal it assumes one sync a day and says so; without MongoDB it is one line and exit 1', async () => {
  await rig.startLuma({ calendars: [{ events: 1 }] });
  const away = { ...settings(), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const assumed = await cliHere(['estimate'], away);
  expect(assumed.code).toBe(0);
  expect(assumed.stdout).toContain('assumed to be daily: does not answer (Temporal at 127.0.0.1:1)');
  const lost = await cliHere(['estimate'], { ...away, MONGODB_URI: 'mongodb://u:canary@127.0.0.1:1/x' });
  expect(lost).toMatchObject({ code: 1, stdout: '' });
  expect(lost.stderr).toMatch(/^error: MongoDB: connecting to 127\.0\.0\.1:1 failed.*\n$/);
});

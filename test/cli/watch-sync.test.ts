import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { connectLumaSync } from '../../src/client.js';
import { useRig, useTemporal } from '../support/rig.js';
import { joinSync } from './support/join-sync.js';

const rig = useRig();
const temporal = useTemporal();

it('sync --watch joins a scheduled full sync, or the sync of an organization, tells what happens and ends as it does', async () => {
  const limited = { kind: 'rate-limit', endpoint: 'event', onRequest: 4, times: 1, blockMs: 4_000 } as const;
  const luma = await rig.startLuma({
    calendars: [
      { events: 25, faults: [limited] },
      { events: 5, faults: [{ kind: 'rejected-key' }] },
      { events: 5 },
    ],
    latencyMs: 20,
  });
  const well = await rig.addOrganization(0);
  const ill = await rig.addOrganization(1);
  const alone = await rig.addOrganization(2);
  const scope = `test-${randomUUID().slice(0, 8)}`;
  const { address } = temporal;
  const env = { TEMPORAL_ADDRESS: address, LUMA_SYNC_SCOPE: scope };
  const lumaSync = connectLumaSync({
    ...{ scope, temporal: { address, namespace: 'default', connectionOptions: { address } } },
  });
  await lumaSync.schedule.apply();
  onTestFinished(async () => {
    await lumaSync.schedule.delete();
    await lumaSync.close();
  });
  const { workflowId } = await lumaSync.schedule.trigger();
  await lumaSync.syncOrgEvents(alone);
  // Nothing happens before the worker is there.
  const [full, asJson, org] = await Promise.all([
    joinSync([], env),
    joinSync(['--json'], env),
    joinSync(['--org', alone, '--json'], env),
  ]);
  await temporal.startWorker(rig.dependencies(), { taskQueue: lumaSync.taskQueue });
  const [text, json, one] = await Promise.all([full.end, asJson.end, org.end]);

  expect(text).toMatchObject({ code: 3, stdout: expect.stringContaining('1 failed') as string });
  expect(text.stderr).toContain(`joined it, as it was started (${workflowId})`);
  expect(text.stderr).toContain(`  ${ill}: failed: LumaKeyRejected: `);
  expect(text.stderr).toMatch(new RegExp(`^ {2}${well}: details · page 1 · events 25 seen`, 'm'));
  expect(text.stderr).toMatch(new RegExp(`^ {2}${well}: paused until .* UTC: Luma asks for a pause`, 'm'));
  expect(text.stderr).toMatch(/^3\/3 organizations, 1 failed · /m);
  expect(text.stderr).not.toContain('\u001b');

  const linesOf = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; orgs: { orgId: string }[] });
  expect(json.code).toBe(3);
  const lines = linesOf(json.stdout);
  expect(lines.slice(0, -1).every(({ kind }) => kind === 'progress')).toBe(true);
  expect(lines.at(-1)).toMatchObject({ kind: 'result', status: 'partial', failures: [{ orgId: ill }] });
  expect(lines.some(({ orgs }) => orgs.some(({ orgId }) => orgId === well))).toBe(true);
  expect(one.code).toBe(0);
  expect(linesOf(one.stdout).at(-1)).toMatchObject({ kind: 'result', status: 'complete', orgId: alone });
  for (const { key } of luma.calendars) expect(JSON.stringify([text, json, one])).not.toContain(key);
});

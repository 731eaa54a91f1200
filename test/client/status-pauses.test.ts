import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { connectLumaSync } from '../../src/client.js';
import { useRig, useTemporal } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';

const rig = useRig();
const temporal = useTemporal();

test('a full sync and a sync that pauses are shown as they run, with the pause, and nothing of another deployment', async () => {
  await rig.startLuma({
    maxPageSize: 5,
    calendars: [
      {
        events: 20,
        faults: [{ kind: 'rate-limit', endpoint: 'list', onRequest: 3, times: 1, blockMs: 30_000 }],
      },
    ],
  });
  const orgId = await rig.addOrganization(0);
  const scope = `test-${randomUUID().slice(0, 8)}`;
  const settings = {
    scope,
    temporal: {
      ...{ address: temporal.address, namespace: 'default' },
      connectionOptions: { address: temporal.address },
    },
    mongo: { uri: mongoUri(), db: rig.store.db.databaseName },
  };
  const lumaSync = connectLumaSync(settings);
  const other = connectLumaSync({ ...settings, scope: `other-${scope}` });
  try {
    await temporal.startWorker(rig.dependencies(), { taskQueue: lumaSync.taskQueue });
    const full = await lumaSync.runFullEventSync();
    const pause = async () => {
      const { running } = await lumaSync.status();
      const sync = running?.syncs.find((one) => one.orgId === orgId);
      const full = running?.syncs.find((one) => one.kind === 'full');
      return [full?.progress, sync?.progress, ...(sync?.obstacles ?? [])];
    };
    await expect
      .poll(pause, { timeout: 30_000 })
      .toMatchObject([
        { orgs: { total: 1, running: 1 } },
        { phase: 'listing', pausedUntil: expect.any(String) as string },
        { kind: 'paused', reason: expect.stringMatching(/^Luma asks for a pause/) as string },
      ]);
    expect((await other.status()).running).toMatchObject({ fullSyncs: 0, orgSyncs: 0 });
    for (const id of [`${scope}/luma-org-sync/${orgId}`, full.workflowId]) {
      await temporal.client.workflow.getHandle(id).terminate();
    }
  } finally {
    await Promise.all([lumaSync.close(), other.close()]);
  }
});

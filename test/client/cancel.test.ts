import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { connectLumaSync } from '../../src/client.js';
import { useRig, useTemporal } from '../support/rig.js';

const rig = useRig();
const temporal = useTemporal();

test('canceling the full sync ends it with all that it has started; events that were written stay', async () => {
  await rig.startLuma({
    calendars: [
      { events: 3 },
      ...[1, 2].map(() => ({
        events: 3,
        faults: [{ kind: 'latency' as const, endpoint: 'list' as const, ms: 60_000 }],
      })),
    ],
  });
  const orgIds = [await rig.addOrganization(0), await rig.addOrganization(1), await rig.addOrganization(2)];
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const { address } = temporal;
  const lumaSync = connectLumaSync(
    { temporal: { address, namespace: 'default', connectionOptions: { address } } },
    { taskQueue, fullSyncId: `full-${randomUUID()}`, scheduleId: `schedule-${randomUUID()}` },
  );
  try {
    expect(await lumaSync.cancel()).toEqual([]);
    const run = await lumaSync.runFullEventSync();
    const counts = async () => (await run.progress())?.orgs;
    await expect.poll(counts, { timeout: 30_000 }).toMatchObject({ completed: 1, running: 2 });

    const [full, ...children] = await lumaSync.cancel();

    expect(full).toMatchObject({ workflowId: run.workflowId, state: 'canceled' });
    expect(children.every(({ state }) => state === 'canceled')).toBe(true);
    for (const orgId of orgIds.slice(1)) {
      const child = temporal.client.workflow.getHandle(`luma-org-sync/${orgId}`);
      expect((await child.describe()).status.name).toBe('CANCELLED');
    }
    await expect(run.result()).rejects.toMatchObject({ type: 'Canceled' });
    expect(await rig.store.events.list({ orgId: orgIds[0] ?? '', limit: 10 })).toHaveLength(3);
    expect(await lumaSync.cancel()).toEqual([]);
  } finally {
    await lumaSync.close();
  }
});

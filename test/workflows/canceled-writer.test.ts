import { expect, test } from 'vitest';
import type { Store } from '../../src/mongo/store.js';
import { useRig, useTemporal } from '../support/rig.js';

const rig = useRig();
const temporal = useTemporal();
const waiting = { timeout: 30_000, interval: 50 };

test('a cancellation waits for the writer: nothing is written after the report', async () => {
  await rig.startLuma({ calendars: [{ events: 5 }] });
  const orgId = await rig.addOrganization();
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const order: string[] = [];
  const store: Store = {
    ...rig.store,
    fences: {
      ...rig.store.fences,
      write: async (org, syncId, work) => {
        order.push('write begins');
        await gate;
        const result = await rig.store.fences.write(org, syncId, work);
        order.push('written');
        return result;
      },
    },
    runs: {
      ...rig.store.runs,
      end: async (report) => {
        order.push(`reported ${report.state}`);
        await rig.store.runs.end(report);
      },
    },
  };
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ store }));
  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
    ...{ workflowId: `luma-org-sync/${orgId}`, taskQueue, args: [{ orgId }] },
  });
  await expect.poll(() => order, waiting).toEqual(['write begins']);

  await handle.cancel();
  // The workflow has taken note of it: what it was about to do, it does not.
  const types = async () => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).map((event) => Boolean(event.activityTaskCancelRequestedEventAttributes));
  };
  await expect.poll(types, waiting).toContain(true);
  letGo();

  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(order).toEqual(['write begins', 'written', 'reported canceled']);
});

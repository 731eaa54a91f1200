import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, test } from 'vitest';
import { useRig, useTemporal } from '../support/rig.js';

const SECRET = 'canary-31fe';
const rig = useRig();
const temporal = useTemporal();

test('what a local activity and an ordinary one throw reaches Temporal by its kind alone', async () => {
  await rig.startLuma({ calendars: [{ events: 1 }] });
  const orgId = await rig.addOrganization();
  const deps = rig.dependencies();
  const broken = () => Promise.reject(new TypeError(`cannot read ${SECRET}`));
  const { taskQueue } = await temporal.startWorker({ ...deps, luma: { ...deps.luma, getCalendar: broken } });
  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
    ...{ taskQueue, workflowId: `luma-org-sync/${orgId}`, args: [{ orgId }] },
  });
  const lastFailure = async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    return pendingActivities?.[0]?.lastFailure;
  };
  await expect.poll(lastFailure, { timeout: 20_000, interval: 50 }).toBeTruthy();
  const failure = await lastFailure();
  expect(failure?.applicationFailureInfo?.type).toBe('UnexpectedError');
  expect(JSON.stringify(failure)).not.toContain(SECRET);

  const history = historyToJSON(await handle.fetchHistory());
  await handle.terminate();
  // The local activity's failure is in the marker that it leaves.
  expect(history).toContain('"markerRecordedEventAttributes"');
  expect(history).toContain('"UnexpectedError"');
  expect(history).not.toContain(SECRET);
});

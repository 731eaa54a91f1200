import type { WorkflowHandle } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { TellNeedsOutput } from '../../src/activities/tell-needs.js';
import { noticeSender } from '../../src/notices/send-notice.js';
import { historyText } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';
import { NOTIFY_SECRET, useWebhook } from '../support/webhook.js';

const rig = useRig();
const temporal = useTemporal();
const webhook = useWebhook();

async function startAll(calendar: object) {
  const luma = await rig.startLuma({ calendars: [calendar], listDescriptions: true });
  const orgId = await rig.addOrganization();
  const notify = noticeSender({ url: webhook.url, secret: NOTIFY_SECRET });
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ notify }));
  const sync = async (input: object = {}) => {
    const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
      taskQueue,
      workflowId: `luma-org-sync/${orgId}`,
      args: [{ orgId, ...input }],
    });
    await handle.result().catch(() => undefined);
    return handle;
  };
  /** The notice that a sync started; `undefined`: it started none. */
  const noticed = async (sync: Pick<WorkflowHandle, 'fetchHistory'>) => {
    const { events } = await sync.fetchHistory();
    const started = events?.find(({ childWorkflowExecutionStartedEventAttributes: child }) => child);
    const { workflowId, runId } =
      started?.childWorkflowExecutionStartedEventAttributes?.workflowExecution ?? {};
    if (!workflowId) return undefined;
    return (await temporal.client.workflow
      .getHandle(workflowId, runId ?? undefined)
      .result()) as TellNeedsOutput;
  };
  return { calendar: luma.calendar(luma.calendars[0]?.id ?? ''), orgId, sync, noticed };
}

test('a rejected key is told once, and once that it is over', async () => {
  const { calendar, orgId, sync, noticed } = await startAll({ events: 5 });
  expect(await noticed(await sync())).toBeUndefined();
  calendar.setFault({ kind: 'rejected-key' });
  expect(await noticed(await sync())).toEqual({ begun: ['key-rejected'], over: [] });
  expect(await noticed(await sync())).toBeUndefined();
  calendar.clearFaults();
  // Without news: the first look closes it.
  expect(await noticed(await sync())).toEqual({ begun: [], over: ['key-rejected'] });
  expect(await noticed(await sync())).toBeUndefined();
  expect(webhook.taken().map(({ type, data }) => [type, data.orgId, data.need])).toEqual([
    ['need.begun', orgId, 'key-rejected'],
    ['need.over', orgId, 'key-rejected'],
  ]);
  const organization = await rig.store.db
    .collection<{ _id: string; lumaSync: object }>('organizations')
    .findOne({ _id: orgId });
  expect(organization?.lumaSync).not.toHaveProperty('told');
});

test('a receiver that is away is tried again by Temporal, while the sync has ended, with the same id', async () => {
  const { sync, noticed, orgId } = await startAll({ faults: [{ kind: 'forbidden' }] });
  webhook.answerNext(503, 500);
  const handle = await sync();
  expect(await noticed(handle)).toEqual({ begun: ['key-rejected'], over: [] });
  expect(webhook.received.map(({ status }) => status)).toEqual([503, 500, 204]);
  expect(new Set(webhook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const notice = temporal.client.workflow.getHandle(`luma-notice/${orgId}`);
  const history = `${await historyText(handle)}\n${await historyText(notice)}`;
  expect(history).not.toMatch(/secret-path|whsec_|Org org-/);
});

test('held removals are told with their number, and over when they are decided and gone', async () => {
  const { calendar, sync, noticed, orgId } = await startAll({ events: 40 });
  await sync();
  for (const { id } of calendar.visibleEvents()) calendar.cancel(id);
  expect(await noticed(await sync())).toEqual({ begun: ['removals-held'], over: [] });
  const [notice] = webhook.taken();
  const { organizations } = rig.store;
  const [{ removalsHeld } = { removalsHeld: 0 }] = await organizations.list();
  expect(removalsHeld).toBeGreaterThan(0);
  expect(notice?.data.count).toBe(removalsHeld);
  expect(notice?.text).toContain(`luma-sync removals list --org ${orgId}`);
});

test('a dry run tells nobody anything', async () => {
  const { sync, noticed } = await startAll({ faults: [{ kind: 'rejected-key' }] });
  expect(await noticed(await sync({ dryRun: true }))).toBeUndefined();
  expect(webhook.received).toEqual([]);
});

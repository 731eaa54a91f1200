import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { failureOf, timerSummaries } from '../support/histories.js';
import { useRig, useTemporal } from '../support/rig.js';

// What an operator finds in Temporal's own UI, without this project's commands.
const rig = useRig();
const temporal = useTemporal();

/** Each activity and child of a history with its summary, in order. */
async function steps(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => {
    const name =
      event.activityTaskScheduledEventAttributes?.activityType?.name ??
      event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name;
    const summary = event.userMetadata?.summary;
    return name ? `${name}: ${summary ? defaultPayloadConverter.fromPayload<string>(summary) : '–'}` : [];
  });
}

interface Metadata {
  currentDetails?: string;
  definition?: { queryDefinitions?: { name: string; description?: string }[] };
}

const metadataOf = (handle: Pick<WorkflowHandle, 'query'>) =>
  handle.query<Metadata>('__temporal_workflow_metadata');

async function startFullSync(taskQueue: string) {
  const workflowId = `full-${randomUUID()}`;
  return await temporal.client.workflow.start('FullSyncWorkflow', { taskQueue, workflowId, args: [{}] });
}

test('every activity of a first sync says which pages and details it is about', async () => {
  await rig.startLuma({ calendars: [{ events: 45 }], maxPageSize: 10, limit: 10_000 });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ slice: { pages: 2 } }));
  const workflowId = `luma-org-sync/${orgId}`;
  const handle = await temporal.client.workflow.start('OrgSyncWorkflow', {
    taskQueue,
    workflowId,
    args: [{ orgId }],
  });
  await handle.result();
  const said = await steps(handle);
  expect(said.filter((step) => step.endsWith(': –'))).toEqual([]);
  expect(said).toEqual(expect.arrayContaining(['upsertEvents: pages 1-2', 'fetchLumaPages: pages from 3']));
  expect(said).toContainEqual(expect.stringMatching(/^fetchEventDetails: details from 1 of \d+$/));
  expect(said).toContainEqual(expect.stringMatching(/^upsertEvents: details 1-\d+$/));
  expect(said.at(-1)).toBe('closeOrgSync: report: complete');
  const { definition, currentDetails } = await metadataOf(handle);
  const progress = definition?.queryDefinitions?.find(({ name }) => name === 'progress');
  expect(progress?.description).toMatch(/How far the sync is/);
  expect(currentDetails).toMatch(/^\*\*Done\*\*/);
});

test('a failure says what to do, and brings no stack', async () => {
  await rig.startLuma({ calendars: [{ faults: [{ kind: 'rejected-key' }] }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startFullSync(taskQueue);
  const { message } = await failureOf(handle);
  expect(message).toContain(`then: luma-sync orgs set-key ${orgId}`);
  const child = temporal.client.workflow.getHandle(`luma-org-sync/${orgId}`);
  expect((await metadataOf(child)).currentDetails).toMatch(/^\*\*Ended without success\*\*[^]*set-key/);
  for (const one of [handle, child]) {
    expect(JSON.stringify(await one.fetchHistory())).not.toMatch(/"stackTrace":"[^"]/);
  }
});

test(
  'while a full sync runs, its details list who is paused, tried again and failed',
  { timeout: 90_000 },
  async () => {
    await rig.startLuma({
      calendars: [
        { events: 3, faults: [{ kind: 'rate-limit', endpoint: 'list', blockMs: 600_000 }] },
        { events: 3, faults: [{ kind: 'server-error', endpoint: 'list' }] },
        { faults: [{ kind: 'rejected-key' }] },
      ],
    });
    const [paused, retried, failed] = [
      await rig.addOrganization(0),
      await rig.addOrganization(1),
      await rig.addOrganization(2),
    ];
    const { taskQueue } = await temporal.startWorker(rig.dependencies());
    const handle = await startFullSync(taskQueue);
    const details = async () => (await metadataOf(handle)).currentDetails ?? '';
    await expect.poll(details, { timeout: 80_000, interval: 500 }).toMatch(/⏸/);
    const rows = (await details()).split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(`\`${failed}\`.*failed.*LumaKeyRejected.*set-key`)),
      expect.stringMatching(new RegExp(`\`${retried}\`.*retrying.*Luma cannot be reached.*UTC\\)`)),
      expect.stringMatching(new RegExp(`\`${paused}\`.*paused.*Luma asks for a pause: 60\\d s \\(`)),
    ]);
    expect(await timerSummaries(handle)).not.toContain(undefined);
    expect(await steps(handle)).toContain(`OrgSyncWorkflow: ${paused}`);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  },
);

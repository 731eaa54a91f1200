import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { SliceBudget } from '../../src/activities/dependencies.js';
import type { CalendarSpec, FakeLuma, FaultSpec } from '../../packages/fake-luma/src/index.js';
import type { EventsChanged, OrgSyncProgress } from '../../src/workflows/contract.js';

/** What a scenario plays with. One organization for each calendar, in the same order. */
export interface Stage {
  client: Client;
  taskQueue: string;
  luma: FakeLuma;
  orgIds: readonly string[];
  until: (holds: () => boolean | Promise<boolean>) => Promise<void>;
}

export interface Scenario {
  calendars: CalendarSpec[];
  slice?: Partial<SliceBudget>;
  /** On a server that suggests to continue as new after a few events. */
  impatiently?: boolean;
  /** People are told, by a receiver that takes every notice. */
  notices?: boolean;
  /** @returns the run whose history is kept */
  play: (stage: Stage) => Promise<Pick<WorkflowHandle, 'fetchHistory'>>;
}

const rejected: FaultSpec = { kind: 'rejected-key' };
const pauseOnPage2 = (blockMs: number): FaultSpec => ({
  ...{ kind: 'rate-limit', endpoint: 'list', onRequest: 2, times: 1, blockMs },
});

/** The paths through both workflows, by the name of the file. */
export const scenarios: Record<string, Scenario> = {
  'org-sync-slices': {
    calendars: [{ events: 60 }],
    slice: { pages: 2 },
    play: async (stage) => await ended(await startOrgSync(stage)),
  },
  'org-sync-rate-limited': {
    calendars: [{ events: 30, faults: [pauseOnPage2(500)] }],
    play: async (stage) => await ended(await startOrgSync(stage)),
  },
  'org-sync-after-changes': {
    calendars: [{ events: 30 }],
    async play(stage) {
      await ended(await startOrgSync(stage));
      const calendar = stage.luma.calendar(stage.luma.calendars[0]?.id ?? '');
      const [canceled, edited] = calendar.visibleEvents().filter(({ platform }) => platform === 'luma');
      calendar.cancel(canceled?.id ?? '');
      calendar.editEvent(edited?.id ?? '', { name: 'Another name' });
      calendar.addEvent({ visibility: 'public' });
      return await ended(await startOrgSync(stage));
    },
  },
  'org-sync-key-rejected': {
    calendars: [{ faults: [rejected] }],
    play: async (stage) => await ended(await startOrgSync(stage)),
  },
  'org-sync-broken-listing': {
    calendars: [{ events: 30, faults: [{ kind: 'repeated-cursor', onRequest: 2 }] }],
    slice: { pages: 1 },
    play: async (stage) => await ended(await startOrgSync(stage)),
  },
  'org-sync-canceled-in-a-pause': {
    calendars: [{ events: 30, faults: [pauseOnPage2(600_000)] }],
    async play(stage) {
      const handle = await startOrgSync(stage);
      await stage.until(async () => (await progressOf(handle)).pausedUntil !== undefined);
      await handle.cancel();
      return await ended(handle);
    },
  },
  'org-sync-canceled-while-fetching': {
    calendars: [{ events: 30, faults: [{ kind: 'latency', endpoint: 'list', onRequest: 2, ms: 14_000 }] }],
    async play(stage) {
      const handle = await startOrgSync(stage);
      await stage.until(() => stage.luma.requests.filter(({ path }) => path.endsWith('/list')).length === 2);
      await handle.cancel();
      return await ended(handle);
    },
  },
  'org-sync-continued': {
    calendars: [{ events: 80 }],
    slice: { pages: 1 },
    impatiently: true,
    async play(stage) {
      const handle = await startOrgSync(stage);
      await ended(handle);
      return stage.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    },
  },
  'org-sync-last-run': {
    calendars: [{ events: 80 }],
    slice: { pages: 1 },
    impatiently: true,
    async play(stage) {
      const handle = await startOrgSync(stage);
      await ended(handle);
      return stage.client.workflow.getHandle(handle.workflowId);
    },
  },
  'org-sync-hinted': {
    calendars: [{ events: 30 }],
    async play(stage) {
      await ended(await startOrgSync(stage));
      const { calendar, own } = ownEvents(stage);
      for (const [nth, id] of own.slice(0, 3).entries()) calendar.editEvent(id, { name: `Edition ${nth}` });
      const started = await hint(stage, { ids: own.slice(0, 3) });
      return await ended(stage.client.workflow.getHandle(started.workflowId, started.signaledRunId));
    },
  },
  'org-sync-hinted-in-a-burst': {
    calendars: [{ events: 30 }],
    async play(stage) {
      await ended(await startOrgSync(stage));
      const { own } = ownEvents(stage);
      const started = await hint(stage, { ids: own.slice(0, 5), many: true });
      await hint(stage, { ids: [...own.slice(3, 8), 'calev-elsewhere'], many: true });
      return await ended(stage.client.workflow.getHandle(started.workflowId, started.signaledRunId));
    },
  },
  'org-sync-hinted-while-syncing': {
    calendars: [{ events: 30, faults: [pauseOnPage2(1_500)] }],
    async play(stage) {
      const handle = await startOrgSync(stage);
      await stage.until(async () => (await progressOf(handle)).pausedUntil !== undefined);
      await hint(stage, { ids: ownEvents(stage).own.slice(0, 2) });
      return await ended(handle);
    },
  },
  'org-sync-wanted-while-hinted': {
    calendars: [{ events: 30 }],
    async play(stage) {
      await ended(await startOrgSync(stage));
      const { calendar, own } = ownEvents(stage);
      calendar.setFault({ kind: 'latency', endpoint: 'event', times: 1, ms: 1_500 });
      const { workflowId, signaledRunId } = await hint(stage, { ids: own.slice(0, 1) });
      const handle = stage.client.workflow.getHandle(workflowId, signaledRunId);
      await stage.until(async () => (await progressOf(handle)).phase === 'hints');
      await handle.signal('syncWanted', { orgId: stage.orgIds[0] });
      return await ended(handle);
    },
  },
  'org-sync-told': {
    calendars: [{ faults: [rejected] }],
    notices: true,
    play: async (stage) => await ended(await startOrgSync(stage)),
  },
  notice: {
    calendars: [{ faults: [rejected] }],
    notices: true,
    async play(stage) {
      await ended(await startOrgSync(stage));
      return await ended(stage.client.workflow.getHandle(`luma-notice/${stage.orgIds[0] ?? ''}`));
    },
  },
  'full-sync-complete': {
    calendars: [{ events: 12 }, { events: 5 }],
    play: async (stage) => await ended(await startFullSync(stage)),
  },
  'full-sync-partial': {
    calendars: [{ events: 12 }, { faults: [rejected] }, { events: 5 }],
    play: async (stage) => await ended(await startFullSync(stage, { concurrency: 2 })),
  },
  'full-sync-all-failed': {
    calendars: [{ faults: [rejected] }],
    play: async (stage) => await ended(await startFullSync(stage)),
  },
  'full-sync-canceled': {
    calendars: [{ events: 30, faults: [pauseOnPage2(600_000)] }],
    async play(stage) {
      const handle = await startFullSync(stage);
      const child = stage.client.workflow.getHandle(`luma-org-sync/${stage.orgIds[0] ?? ''}`);
      await stage.until(async () => (await progressOf(child)).pausedUntil !== undefined);
      await handle.cancel();
      return await ended(handle);
    },
  },
  'full-sync-continued': {
    calendars: Array.from({ length: 8 }, () => ({ events: 3 })),
    impatiently: true,
    async play(stage) {
      const handle = await startFullSync(stage, { concurrency: 2 });
      await ended(handle);
      return stage.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    },
  },
};

async function startOrgSync({ client, taskQueue, orgIds }: Stage) {
  const [orgId = ''] = orgIds;
  return await client.workflow.start('OrgSyncWorkflow', {
    taskQueue,
    workflowId: `luma-org-sync/${orgId}`,
    args: [{ orgId }],
  });
}

/** As `luma-sync serve` sends it. */
async function hint({ client, taskQueue, orgIds }: Stage, changed: EventsChanged) {
  const [orgId = ''] = orgIds;
  return await client.workflow.signalWithStart('OrgSyncWorkflow', {
    taskQueue,
    workflowId: `luma-org-sync/${orgId}`,
    args: [{ orgId, hinted: true }],
    signal: 'eventsChanged',
    signalArgs: [changed],
  });
}

/** The first calendar, and its events that the key may ask for. */
function ownEvents({ luma }: Stage) {
  const calendar = luma.calendar(luma.calendars[0]?.id ?? '');
  const isOwn = ({ platform, access }: { platform: string; access: string }) =>
    platform === 'luma' && access === 'manage';
  return {
    calendar,
    own: calendar
      .visibleEvents()
      .filter(isOwn)
      .map(({ id }) => id),
  };
}

async function startFullSync({ client, taskQueue }: Stage, input: object = {}) {
  return await client.workflow.start('FullSyncWorkflow', {
    taskQueue,
    workflowId: `full-${randomUUID()}`,
    args: [input],
  });
}

/** However it ended: that is what is being recorded. */
async function ended<H extends Pick<WorkflowHandle, 'result'>>(handle: H): Promise<H> {
  await handle.result().catch(() => undefined);
  return handle;
}

async function progressOf(handle: Pick<WorkflowHandle, 'query'>): Promise<Partial<OrgSyncProgress>> {
  return await handle.query<OrgSyncProgress>('progress').catch(() => ({}));
}

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Obstacle } from '../../src/client/obstacles.js';
import type { KEYWORD } from '../../src/client/search-attribute.js';
import { type Connected, connectedToFreshNamespace } from './support/connected.js';
import { startStandInWorker } from './support/worker.js';

let connected: Connected;
let temporal: Connected['temporal'];
let lumaSync: Connected['lumaSync'];
let client: Connected['client'];

beforeAll(async () => {
  connected = await connectedToFreshNamespace();
  ({ temporal, lumaSync, client } = connected);
});
afterAll(async () => {
  await connected.close();
});

interface Run {
  workflowId: string;
  obstacles(): Promise<Obstacle[]>;
}

/** Looks until something of this kind holds the sync up; then ends it. */
async function held<K extends Obstacle['kind']>(run: Run, kind: K): Promise<Extract<Obstacle, { kind: K }>> {
  try {
    const limit = Date.now() + 30_000;
    while (Date.now() < limit) {
      const found = (await run.obstacles()).find((one) => one.kind === kind);
      if (found !== undefined) return found as Extract<Obstacle, { kind: K }>;
      await delay(50);
    }
    throw new Error(`nothing holds it up: ${kind}`);
  } finally {
    await client.workflow.getHandle(run.workflowId).terminate();
  }
}

it('a sync without a worker has a step that nobody takes', async () => {
  const run = await lumaSync.syncOrgEvents('slow-alone');
  expect(await held(run, 'not-taken')).toMatchObject({ workflowId: run.workflowId, taskQueue: 'luma-sync' });
});

describe('with a worker', () => {
  let worker: { stop: () => Promise<void> };
  beforeAll(async () => {
    worker = await startStandInWorker(temporal);
  });
  afterAll(() => worker.stop());

  it('a sync that gets on has none', async () => {
    const run = await lumaSync.syncOrgEvents('slow-well');
    await expect.poll(() => run.progress(), { timeout: 30_000 }).toBeDefined();
    expect(await run.obstacles()).toEqual([]);
    await client.workflow.getHandle(run.workflowId).terminate();
  });

  it('an activity that fails again and again is one, with its last failure', async () => {
    const run = await lumaSync.syncOrgEvents('failing');
    expect(await held(run, 'activity-failing')).toMatchObject({
      activityType: 'alwaysFails',
      attempt: expect.any(Number) as number,
      failure: { type: 'LumaUnavailable', message: expect.stringContaining('nothing') as string },
    });
  });

  it('so is one of a sync that a full sync started', async () => {
    const run = await lumaSync.runFullEventSync({ concurrency: 1 });
    expect(await held(run, 'activity-failing')).toMatchObject({ workflowId: 'child' });
  });

  it('a bug in workflow code is one, with what was thrown', async () => {
    const run = await lumaSync.syncOrgEvents('buggy');
    expect(await held(run, 'task-failing')).toMatchObject({
      failure: { message: 'cannot read what is not there' },
    });
  });

  it('a search attribute that is missing or of another type is one, with the commands that mend it', async () => {
    const { namespace } = temporal;
    const create = `temporal operator search-attribute create --namespace ${namespace} --name LumaOrgId --type Keyword`;
    const missing = await held(await lumaSync.syncOrgEvents('marked-1'), 'task-failing');
    expect(missing.remedy).toBe(create);
    const int = 3 as unknown as typeof KEYWORD;
    await client.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { LumaOrgId: int },
    });
    await expect
      .poll(async () => (await held(await lumaSync.syncOrgEvents('marked-2'), 'task-failing')).remedy, {
        timeout: 60_000,
      })
      .toBe(
        `temporal operator search-attribute remove --namespace ${namespace} --name LumaOrgId --yes && ${create}`,
      );
  });
});

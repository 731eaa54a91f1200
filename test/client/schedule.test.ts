import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectLumaSync, type LumaSync, ScheduleInvalid, ScheduleMissing } from '../../src/client.js';
import type { TemporalSettings } from '../../src/config.js';
import { freshNamespace } from './support/namespace.js';

let temporal: TemporalSettings;
let lumaSync: LumaSync;

beforeAll(async () => {
  temporal = await freshNamespace();
  lumaSync = connectLumaSync({ temporal });
});
afterEach(async () => {
  await lumaSync.schedule.delete();
});
afterAll(async () => {
  await lumaSync.close();
});

async function raw<T>(look: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    return await look(new Client({ connection, namespace: temporal.namespace }));
  } finally {
    await connection.close();
  }
}

async function trials(): Promise<string[]> {
  const ids: string[] = [];
  await raw(async (client) => {
    for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
  });
  return ids.filter((id) => id.includes('trial'));
}

describe('applying the schedule', () => {
  it('creates it: daily at 07:00 UTC, overlap SKIP, one hour to catch up, the full sync on its queue', async () => {
    const applied = await lumaSync.schedule.apply();
    expect(applied).toMatchObject({
      outcome: 'created',
      scheduleId: 'sync-luma-events',
      when: 'daily at 07:00 UTC',
      overlap: 'SKIP',
      catchupWindowMs: 3_600_000,
      paused: false,
      running: [],
    });
    expect(applied.nextRuns[0]?.toISOString()).toMatch(/T07:00:00.000Z$/);
    const { action } = await raw((client) => client.schedule.getHandle('sync-luma-events').describe());
    expect(action).toMatchObject({
      workflowType: 'FullSyncWorkflow',
      workflowId: 'luma-full-sync',
      taskQueue: 'luma-sync',
      args: [{}],
    });
  });

  it('a second time changes nothing, and says so', async () => {
    await lumaSync.schedule.apply();
    expect((await lumaSync.schedule.apply()).outcome).toBe('unchanged');
  });

  it('with another time replaces the old one', async () => {
    await lumaSync.schedule.apply();
    const applied = await lumaSync.schedule.apply({ at: '18:30' });
    expect(applied).toMatchObject({ outcome: 'updated', when: 'daily at 18:30 UTC' });
    for (const next of applied.nextRuns) expect(next.toISOString()).toMatch(/T18:30:00.000Z$/);
  });

  it('repairs policies and action that somebody changed, and keeps a pause', async () => {
    await lumaSync.schedule.apply();
    await raw(async (client) => {
      const handle = client.schedule.getHandle('sync-luma-events');
      await handle.update((previous) => ({
        ...previous,
        policies: { overlap: 'ALLOW_ALL', catchupWindow: '1 day' },
        action: {
          type: 'startWorkflow',
          workflowType: 'Other',
          taskQueue: 'other',
          workflowId: 'other',
          args: [],
        },
      }));
      await handle.pause('moving house');
    });
    expect(await lumaSync.schedule.show()).toMatchObject({ overlap: 'ALLOW_ALL', paused: true });
    expect(await lumaSync.schedule.apply()).toMatchObject({
      outcome: 'updated',
      overlap: 'SKIP',
      catchupWindowMs: 3_600_000,
      paused: true,
      note: 'moving house',
    });
    const { action } = await raw((client) => client.schedule.getHandle('sync-luma-events').describe());
    expect(action).toMatchObject({ workflowType: 'FullSyncWorkflow', taskQueue: 'luma-sync' });
  });

  it('takes a cron expression, with a time zone too', async () => {
    const applied = await lumaSync.schedule.apply({ cron: 'CRON_TZ=Asia/Tokyo 30 6 * * *' });
    expect(applied.when).toContain('30 6 * * *');
    for (const next of applied.nextRuns) expect(next.toISOString()).toMatch(/T21:30:00.000Z$/);
    const again = await lumaSync.schedule.apply({ cron: 'CRON_TZ=Asia/Tokyo 30 6 * * *' });
    expect(again.outcome).toBe('unchanged');
    // The zone of a cron expression does not stick to a time of day that replaces it.
    const daily = await lumaSync.schedule.apply({ at: '07:00' });
    expect(daily.nextRuns[0]?.toISOString()).toMatch(/T07:00:00.000Z$/);
  });

  it.each([
    '@daily',
    '@every 12h',
    '0 7 29 2 *',
    '0 7 1-7 * 1',
    'TZ=Europe/Berlin @weekly',
    ' 0  7 * * mon-fri ',
  ])('takes %j, which will come', async (cron) => {
    const { nextRuns, when } = await lumaSync.schedule.apply({ cron });
    expect(nextRuns.length).toBeGreaterThan(0);
    expect(when).not.toBe('custom times');
  });

  it('takes day of the month and weekday together, where both match', async () => {
    const { nextRuns } = await lumaSync.schedule.apply({ cron: '0 7 1-7 * 1' });
    for (const next of nextRuns) {
      expect(next.getUTCDay()).toBe(1);
      expect(next.getUTCDate()).toBeLessThanOrEqual(7);
    }
  });

  it.each([
    ['0 7 31 2 *', /never comes/],
    ['0 7 31 4,6,9,11 *', /never comes/],
    ['0 7 * * 1#1', /comment.*"0 7 1-7 \* 1"/],
    ['0 7 * * * # nightly', /comment/],
    ['0 7 L * *', /DayOfMonth is not in range/],
    ['*/90 * * * *', /a step of 90/],
    ['0 0 7 * * *', /6 fields instead of 5/],
    ['0 7 * * * 2020', /6 fields/],
    ['CRON_TZ=Mars/Base 0 7 * * *', /not a time zone/],
    ['CRON_TZ= 0 7 * * *', /not a time zone/],
    ['CRON_TZ=Local 0 7 * * *', /not a time zone/],
    ['CRON_TZ=BST 0 7 * * *', /not a time zone/],
    ['@reboot', /1 fields/],
    ['@every 0s', /too small/],
  ])('refuses the cron expression %j and says why; nothing of it stays behind', async (cron, why) => {
    await lumaSync.schedule.apply({ at: '09:15' });
    await expect(lumaSync.schedule.apply({ cron })).rejects.toThrow(ScheduleInvalid);
    await expect(lumaSync.schedule.apply({ cron })).rejects.toThrow(why);
    expect((await lumaSync.schedule.show()).when).toBe('daily at 09:15 UTC');
    // The list lags behind.
    await expect.poll(trials).toEqual([]);
  });

  it.each([
    ...[{ cron: 'every other day' }, { cron: '99 7 * * *' }],
    ...[{ at: '25:00' }, { at: '24:00' }, { at: '7' }, { at: '7:00' }, { at: '07:60' }],
  ])('refuses %j, new or as a change, and leaves what is there', async (options) => {
    await expect(lumaSync.schedule.apply(options)).rejects.toThrow(ScheduleInvalid);
    await expect(lumaSync.schedule.show()).rejects.toThrow(ScheduleMissing);
    await lumaSync.schedule.apply({ at: '09:15' });
    await expect(lumaSync.schedule.apply(options)).rejects.toThrow(ScheduleInvalid);
    expect((await lumaSync.schedule.show()).when).toBe('daily at 09:15 UTC');
  });
});

describe('triggering the schedule', () => {
  it('tells which sync it started, and skips while that one runs', async () => {
    await lumaSync.schedule.apply();
    const first = await lumaSync.schedule.trigger();
    expect(first.outcome).toBe('started');
    expect(first.workflowId).toMatch(/^luma-full-sync-\d{4}-/);
    expect((await lumaSync.schedule.show()).recentRuns.at(-1)?.runId).toBe(first.runId);

    const second = await lumaSync.schedule.trigger();
    expect(second).toEqual({ ...first, outcome: 'skipped' });
    const { status } = await raw((client) => client.workflow.getHandle(first.workflowId).describe());
    expect(status.name).toBe('RUNNING');
    await raw((client) => client.workflow.getHandle(first.workflowId).terminate());
  });
});

describe('without a schedule', () => {
  it('show and trigger say how to make one; delete says there was none', async () => {
    await expect(lumaSync.schedule.show()).rejects.toThrow(/luma-sync schedule apply/);
    await expect(lumaSync.schedule.trigger()).rejects.toThrow(ScheduleMissing);
    await expect(lumaSync.schedule.delete()).resolves.toBe(false);
  });

  it('delete deletes what is there', async () => {
    await lumaSync.schedule.apply();
    await expect(lumaSync.schedule.delete()).resolves.toBe(true);
    await expect(lumaSync.schedule.show()).rejects.toThrow(ScheduleMissing);
  });
});

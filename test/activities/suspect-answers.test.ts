import { expect, test } from 'vitest';
import { useRig } from '../support/rig.js';
import { environment, failureOf, run } from './support/activities.js';

const rig = useRig();

/** A worker's death while it read: nothing of it is heard, but what it had written down. */
async function dieReading(sync: { orgId: string; syncId: string }, attempt: number): Promise<void> {
  const { luma } = rig.dependencies();
  const deadly: typeof luma = {
    ...luma,
    listEvents: async (key, options) => {
      await luma.listEvents(key, options);
      throw new Error('out of memory');
    },
  };
  const env = environment({ attempt, heartbeatDetails: { requests: attempt - 1 } });
  await run(rig.dependencies({ luma: deadly }), 'fetchLumaPages', sync, env).catch(() => undefined);
}

const retry = (attempt: number, failedAttempt?: number) =>
  environment({
    attempt,
    heartbeatDetails: { requests: 1, ...(failedAttempt === undefined ? {} : { failedAttempt }) },
  });

test('an answer that ended two workers in a row fails the organization by name', async () => {
  await rig.startLuma({ calendars: [{ events: 4 }], maxPageSize: 2 });
  const sync = await rig.openSync(await rig.addOrganization());
  await dieReading(sync, 1);
  await dieReading(sync, 2);
  const failure = await failureOf(run(rig.dependencies(), 'fetchLumaPages', sync, retry(3)));
  expect(failure).toMatchObject({ type: 'LumaAnswerUnreadable', nonRetryable: true });
  expect(failure.message).toContain('page 1 of the listing');
});

test('one death is none too many: the next attempt reads the answer', async () => {
  await rig.startLuma({ calendars: [{ events: 4 }], maxPageSize: 2 });
  const sync = await rig.openSync(await rig.addOrganization());
  await dieReading(sync, 1);
  const slice = await run(rig.dependencies(), 'fetchLumaPages', sync, retry(2));
  expect(slice).toMatchObject({ throughSeq: 2, complete: true });
});

test('an attempt that failed and could say so is no death', async () => {
  await rig.startLuma({ calendars: [{ events: 4 }], maxPageSize: 2 });
  const sync = await rig.openSync(await rig.addOrganization());
  await dieReading(sync, 2);
  const slice = await run(rig.dependencies(), 'fetchLumaPages', sync, retry(3, 2));
  expect(slice).toMatchObject({ throughSeq: 2, complete: true });
});

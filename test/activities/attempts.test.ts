import { afterEach, expect, test, vi } from 'vitest';
import type { StagedPageDoc } from '../../src/mongo/documents.js';
import { useRig } from '../support/rig.js';
import { environment, failureOf, run } from './support/activities.js';

const rig = useRig();
afterEach(() => void vi.useRealTimers());

const staged = async (syncId: string) =>
  await rig.store.db.collection<StagedPageDoc>('staged_pages').find({ syncId }).sort({ seq: 1 }).toArray();
const idsOf = (pages: StagedPageDoc[]) =>
  pages.flatMap((page) => page.events.map((event) => event.lumaEventId));
const TEN = Array.from({ length: 10 }, (_, index) => ({ id: `evt-${index}` }));

function signal() {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** A client whose answers are held back until they are let go. */
function heldBack(luma: ReturnType<typeof rig.dependencies>['luma']) {
  const [gate, answered] = [signal(), signal()];
  const client = {
    ...luma,
    listEvents: async (...args: Parameters<typeof luma.listEvents>) => {
      const answer = await luma.listEvents(...args);
      answered.give();
      await gate.given;
      return answer;
    },
  };
  return { client, answered: answered.given, letGo: () => gate.give() };
}

test('of two attempts that overlap the late one stops, and every page is there once', async () => {
  await rig.startLuma({ calendars: [{ events: TEN }], maxPageSize: 2 });
  const sync = await rig.openSync(await rig.addOrganization());
  const { client, answered, letGo } = heldBack(rig.dependencies().luma);
  const late = failureOf(run(rig.dependencies({ luma: client }), 'fetchLumaPages', sync));
  await answered;
  await run(rig.dependencies({ slice: { pages: 3 } }), 'fetchLumaPages', sync);
  letGo();
  expect(await late).toMatchObject({ type: 'PageAlreadyStaged', nonRetryable: false });

  const retried = await run(rig.dependencies(), 'fetchLumaPages', sync);
  expect(retried).toMatchObject({ throughSeq: 5, complete: true, requests: 2 });
  const pages = await staged(sync.syncId);
  expect(pages.map((page) => page.seq)).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(idsOf(pages)).size).toBe(10);
});

test('a slow answer is no dead worker: heartbeats go on meanwhile, with the number of requests', async () => {
  await rig.startLuma({ calendars: [{ events: TEN }] });
  const sync = await rig.openSync(await rig.addOrganization());
  const { client, answered, letGo } = heldBack(rig.dependencies().luma);
  const env = environment();
  const beats: unknown[] = [];
  env.on('heartbeat', (details: unknown) => beats.push(details));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const slice = run(rig.dependencies({ luma: client }), 'fetchLumaPages', sync, env);
  await answered;
  vi.advanceTimersByTime(9_000);
  expect(beats.length).toBeGreaterThanOrEqual(2);
  expect(beats.at(-1)).toMatchObject({ requests: 1 });
  letGo();
  await slice;
  const count = beats.length;
  vi.advanceTimersByTime(60_000);
  expect(beats).toHaveLength(count);
});

test('cancellation ends the request under way, and is no failure', async () => {
  await rig.startLuma({ calendars: [{ events: TEN, faults: [{ kind: 'latency', ms: 600_000 }] }] });
  const sync = await rig.openSync(await rig.addOrganization());
  const env = environment();
  const slice = run(rig.dependencies(), 'fetchLumaPages', sync, env).catch((error: unknown) => error);
  await vi.waitFor(() => expect(rig.luma.requests).toHaveLength(1), { timeout: 30_000, interval: 5 });
  env.cancel();
  expect(await slice).toMatchObject({ name: 'CancelledFailure' });
  expect(await staged(sync.syncId)).toEqual([]);
});

import { expect, test } from 'vitest';
import type { EventDoc, SyncRunDoc } from '../../src/mongo/documents.js';
import { expectedEvents, fieldsOf } from '../properties/expected.js';
import { useRig } from '../support/rig.js';
import { cliHere } from '../cli/support/run.js';
import { deploy } from './support/deployment.js';
import { type Executable, startExecutable } from './support/executable.js';

// `luma-sync serve` and a worker as processes, and a Luma that delivers over HTTP.
const LIMIT_MS = 180_000;
const soon = { timeout: 60_000, interval: 100 };
const rig = useRig();

async function startServe(env: Record<string, string>): Promise<{ server: Executable; url: string }> {
  const server = startExecutable(['serve'], { ...env, LUMA_SYNC_HTTP_ADDR: '0' });
  await server.saw('"serving"');
  const line = server.written.stdout.split('\n').find((each) => each.includes('"serving"')) ?? '{}';
  return { server, url: (JSON.parse(line) as { url: string }).url };
}

async function expectTheCalendar(): Promise<void> {
  const docs = await rig.store.db.collection<EventDoc>('events').find().toArray();
  const calendar = rig.luma.calendar(rig.luma.calendars[0]?.id ?? '');
  expect(new Map(docs.map((doc) => [doc.lumaEventId, fieldsOf(doc)]))).toEqual(expectedEvents(calendar));
}

test(
  'half of the deliveries lost, the rest twice and in disorder, a worker killed: the next sync makes events true',
  { timeout: LIMIT_MS },
  async () => {
    const fake = await rig.startLuma({ calendars: [{ events: 120 }], limit: 10_000, latencyMs: 20 });
    const { env, addOrganization, startWorker } = await deploy(rig);
    await addOrganization('acme', 0);
    const first = await startWorker();
    expect((await cliHere(['sync', '--org', 'acme'], env)).code).toBe(0);
    const { server, url } = await startServe(env);
    const settings = { ...env, LUMA_SYNC_PUBLIC_URL: url };
    const applied = await cliHere(['webhooks', 'apply', '--json'], settings);
    expect(JSON.parse(applied.stdout)).toMatchObject([{ orgId: 'acme', outcome: 'created' }]);

    fake.setWebhookTrouble({ loss: 0.5, repeats: 1, delayMs: 800, retryMs: [200, 500, 1_000] });
    const calendar = fake.calendar(fake.calendars[0]?.id ?? '');
    const own = calendar
      .visibleEvents()
      .filter(({ platform, access }) => platform === 'luma' && access === 'manage')
      .map(({ id }) => id);
    const hints = () =>
      rig.store.db.collection<SyncRunDoc>('sync_runs').countDocuments({ hinted: true, state: 'complete' });
    const change = (from: number, to: number) => {
      for (const [nth, id] of own.slice(from, to).entries()) {
        if (nth % 8 === 0) calendar.cancel(id);
        else calendar.editEvent(id, { name: `Edition ${nth}`, description_md: `Words ${nth}` });
        calendar.addEvent({ name: `New ${from + nth}`, start_at: '2030-01-01T00:00:00Z' });
      }
    };
    change(0, 15);
    await expect.poll(hints, soon).toBeGreaterThan(0);
    change(15, 30);
    first.kill('SIGKILL');
    await first.ended;
    change(30, 45);
    await startWorker();
    await fake.delivered();

    const sync = await cliHere(['sync', '--org', 'acme', '--json'], env);
    expect(sync.code, sync.stderr).toBe(0);
    await expectTheCalendar();
    expect(fake.deliveries.some(({ lost }) => lost)).toBe(true);
    expect(fake.deliveries.filter(({ lost }) => !lost).every(({ statuses }) => statuses.includes(200))).toBe(
      true,
    );
    server.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(server.written.stdout + server.written.stderr).not.toMatch(/Edition|New \d|whsec_|secret-/);
  },
);

test(
  'a server that ends in the middle of deliveries loses none that it has taken',
  { timeout: LIMIT_MS },
  async () => {
    const fake = await rig.startLuma({ calendars: [{ events: 60 }], limit: 10_000 });
    const { env, addOrganization, startWorker } = await deploy(rig);
    await addOrganization('acme', 0);
    await startWorker();
    expect((await cliHere(['sync'], env)).code).toBe(0);
    const { server, url } = await startServe(env);
    const { port } = new URL(url);
    expect((await cliHere(['webhooks', 'apply'], { ...env, LUMA_SYNC_PUBLIC_URL: url })).code).toBe(0);
    fake.setWebhookTrouble({ retryMs: [300, 1_000, 2_000, 4_000, 8_000, 16_000] });
    const calendar = fake.calendar(fake.calendars[0]?.id ?? '');
    const own = calendar
      .visibleEvents()
      .filter(({ platform, access }) => platform === 'luma' && access === 'manage')
      .map(({ id }) => id);
    for (const [nth, id] of own.entries()) calendar.editEvent(id, { name: `Edition ${nth}` });
    await expect
      .poll(() => fake.deliveries.filter(({ statuses }) => statuses.length > 0).length, soon)
      .toBeGreaterThan(0);
    server.kill('SIGKILL');
    await server.ended;
    const again = startExecutable(['serve'], { ...env, LUMA_SYNC_HTTP_ADDR: port });
    await again.saw('"serving"');
    await fake.delivered();
    await expect
      .poll(() => rig.store.db.collection('events').countDocuments({ title: /^Edition/ }), soon)
      .toBe(own.length);
  },
);

/**
 * `npm run webhook-latency`: how long a change at the fake Luma takes to be in `events`, by a webhook, and what it costs;
 * and what a burst of deliveries costs. With `luma-sync worker` and `luma-sync serve` as processes of their own.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type FakeCalendar, type FakeLuma, startFakeLuma } from '../packages/fake-luma/src/index.js';
import type { LocalServers } from '../packages/playground/src/servers/index.js';
import { connectLumaSync, readConfig } from '../src/client.js';
import type { SyncRunDoc } from '../src/mongo/documents.js';
import { connectStore, type Store } from '../src/mongo/store.js';
import { generateKeyring, parseKeyring } from '../src/secrets/keyring.js';
import { seal } from '../src/secrets/sealed-key.js';
import { type Program, startProgram } from './programs.js';
import { withServers } from './servers.js';

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '60' },
    events: { type: 'string', default: '200' },
    burst: { type: 'string', default: '1000' },
    'latency-ms': { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `Usage: npm run webhook-latency -- [options]

  --changes N     changes that are timed, one after the other (default 60)
  --events N      events in the calendar (default 200)
  --burst N       changes that are made at once afterwards (default 1000), to 20 events
  --latency-ms N  how long each answer of the fake Luma takes (default 50)
  --json          figures as JSON
  --help
`;

const ORG = 'harbour';
/** Until a change counts as lost. */
const LIMIT_MS = 20_000;
const BURST_EVENTS = 20;

interface Setting {
  fake: FakeLuma;
  calendar: FakeCalendar;
  store: Store;
}

if (values.help) process.stdout.write(HELP);
else await withServers(measure);

async function measure(servers: LocalServers): Promise<void> {
  const fake = await startFakeLuma({
    calendars: [{ events: Number(values.events) }],
    ...{ latencyMs: Number(values['latency-ms']), limit: 100_000 },
  });
  const { mongo, temporal } = servers;
  const db = `latency_${randomUUID().replaceAll('-', '')}`;
  const store = await connectStore({ uri: mongo.uri, db });
  const keyringText = generateKeyring();
  const env = {
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    ...{ MONGODB_URI: mongo.uri, MONGODB_DB: db, LUMA_BASE_URL: fake.url, LUMA_SYNC_KEYRING: keyringText },
    ...{ LUMA_SYNC_SCOPE: `latency-${randomUUID().slice(0, 8)}` },
  };
  const programs: Program[] = [];
  try {
    await store.ensureIndexes();
    const { key, id } = fake.calendars[0] ?? { key: '', id: '' };
    const sealedKey = seal(parseKeyring(keyringText), ORG, key);
    await store.organizations.add({ id: ORG, name: 'Harbour', sealedKey });
    programs.push(await start(['worker'], env, 'worker ready'));
    const serving = await start(['serve'], { ...env, LUMA_SYNC_HTTP_ADDR: '0' }, '"serving"');
    programs.push(serving);
    const { url } = JSON.parse(serving.line) as { url: string };
    const config = readConfig({ ...env, LUMA_SYNC_PUBLIC_URL: url }, ['temporal', 'mongo', 'keyring']);
    const lumaSync = connectLumaSync(config);
    try {
      await (await lumaSync.syncOrgEvents(ORG)).result();
      await lumaSync.webhooks.apply();
    } finally {
      await lumaSync.close();
    }
    const setting = { fake, calendar: fake.calendar(id), store };
    report(await single(setting), await burst(setting));
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await Promise.all([store.close(), fake.close()]);
  }
}

function start(args: string[], env: Record<string, string>, ready: string): Promise<Program> {
  const main = new URL('../dist/cli/main.js', import.meta.url).pathname;
  return startProgram([main, ...args], env, (line) => line.includes(ready));
}

interface SingleFigures {
  ms: number[];
  requests: number;
}

/** Edits, new events and cancellations in turn, each once the one before is long over. */
async function single(setting: Setting): Promise<SingleFigures> {
  const { fake, calendar } = setting;
  const ms: number[] = [];
  fake.resetStats();
  for (let nth = 0; nth < Number(values.changes); nth++) {
    const begun = performance.now();
    const holds = change(setting, calendar, nth);
    while (!(await holds())) {
      if (performance.now() - begun > LIMIT_MS) throw new Error(`change ${nth} did not arrive`);
      await delay(5);
    }
    ms.push(performance.now() - begun);
    await fake.delivered();
    await delay(700);
  }
  return { ms, requests: fake.stats().requests };
}

/** Those that can be changed at Luma, in the calendar itself. */
function ownEvents(calendar: FakeCalendar) {
  return calendar
    .visibleEvents()
    .filter(({ platform, access }) => platform === 'luma' && access === 'manage');
}

/** @returns whether it has arrived */
function change({ store }: Setting, calendar: FakeCalendar, nth: number): () => Promise<boolean> {
  const events = store.db.collection<{ title: string }>('events');
  const own = ownEvents(calendar);
  const { id = '' } = own[nth % own.length] ?? {};
  const name = `Change ${nth}`;
  if (nth % 3 === 1) calendar.addEvent({ name });
  else if (nth % 3 === 2) calendar.cancel(id);
  else calendar.editEvent(id, { name });
  return nth % 3 === 2
    ? async () => (await events.countDocuments({ orgId: ORG, lumaEventId: id })) === 0
    : async () => (await events.countDocuments({ orgId: ORG, title: name })) === 1;
}

interface BurstFigures {
  deliveries: number;
  events: number;
  requests: number;
  syncs: number;
  ms: number;
}

async function burst({ fake, calendar, store }: Setting): Promise<BurstFigures> {
  const size = Number(values.burst);
  const own = ownEvents(calendar).slice(0, BURST_EVENTS);
  const runs = store.db.collection<SyncRunDoc>('sync_runs');
  const before = await runs.countDocuments({ hinted: true });
  fake.resetStats();
  const begun = performance.now();
  for (let nth = 0; nth < size; nth++) {
    calendar.editEvent(own[nth % own.length]?.id ?? '', { name: `Burst ${nth}` });
  }
  const last = own.map(({ id }) => calendar.find(id)?.name ?? '');
  const events = store.db.collection<{ title: string }>('events');
  while ((await events.countDocuments({ orgId: ORG, title: { $in: last } })) < own.length) {
    if (performance.now() - begun > 3 * LIMIT_MS) throw new Error('the burst did not arrive');
    await delay(20);
  }
  const ms = performance.now() - begun;
  await fake.delivered();
  while ((await runs.countDocuments({ state: 'running' })) > 0) await delay(50);
  await delay(1_000);
  const syncs = (await runs.countDocuments({ hinted: true })) - before;
  return { deliveries: size, events: own.length, requests: fake.stats().requests, syncs, ms };
}

function report({ ms, requests }: SingleFigures, many: BurstFigures): void {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN);
  const figures = {
    ...{ changes: ms.length, p50: at(0.5), p95: at(0.95), longest: at(1) },
    requestsPerChange: requests / ms.length,
    burst: { ...many, ms: Math.round(many.ms) },
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(figures)}\n`
      : [
          `${figures.changes} changes, from Luma to events: p50 ${figures.p50} ms, p95 ${figures.p95} ms, longest ${figures.longest} ms`,
          `requests to Luma: ${figures.requestsPerChange.toFixed(2)} a change`,
          `${many.deliveries} changes of ${many.events} events at once: ${many.syncs} syncs, ${many.requests} requests, ${figures.burst.ms} ms`,
          '',
        ].join('\n'),
  );
}

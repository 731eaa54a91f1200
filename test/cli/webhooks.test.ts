import { beforeEach, describe, expect, it } from 'vitest';
import type { FakeCalendar } from '../../packages/fake-luma/src/index.js';
import { diagnose } from '../../src/client/doctor/diagnose.js';
import { webhooksStanding } from '../../src/client/webhook-standing.js';
import type { LumaWebhookDoc } from '../../src/mongo/documents.js';
import { open } from '../../src/secrets/sealed-key.js';
import { useRig } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';
import { cliHere, type CliResult } from './support/run.js';

const rig = useRig();
const PUBLIC = 'https://events.example.org/luma';
const TYPES = ['event.created', 'event.updated', 'event.canceled', 'calendar.event.added'];
let env: Record<string, string>;
let calendars: FakeCalendar[];
let orgIds: string[];

beforeEach(async () => {
  const fake = await rig.startLuma({ calendars: [{ events: 1 }, { events: 1 }] });
  calendars = fake.calendars.map(({ id }) => fake.calendar(id));
  orgIds = [await rig.addOrganization(0), await rig.addOrganization(1)].sort();
  env = {
    MONGODB_URI: mongoUri(),
    MONGODB_DB: rig.store.db.databaseName,
    LUMA_SYNC_KEYRING: rig.keyringText,
    LUMA_BASE_URL: fake.url,
    LUMA_SYNC_PUBLIC_URL: PUBLIC,
  };
});

const run = (args: string[], more: Record<string, string> = {}) =>
  cliHere(['webhooks', ...args], { ...env, ...more });
const json = ({ stdout }: CliResult) => JSON.parse(stdout) as Record<string, unknown>[];
const at = (orgId: string, base = PUBLIC) => `${base}/webhooks/luma/${orgId}`;
const stored = async (orgId: string) =>
  (
    await rig.store.db
      .collection<{ _id: string; lumaWebhook?: LumaWebhookDoc }>('organizations')
      .findOne({ _id: orgId })
  )?.lumaWebhook;
const registered = () => calendars.flatMap((calendar) => calendar.webhooks.list());
const outcomes = async (...args: string[]) =>
  json(await run(['apply', '--json', ...args])).map(({ outcome }) => outcome);

describe('webhooks apply', () => {
  it('registers one for each organization, and keeps its secret sealed for it', async () => {
    const applied = await run(['apply', '--json']);
    expect(applied.code).toBe(0);
    expect(json(applied)).toEqual(
      expect.arrayContaining(orgIds.map((orgId) => ({ orgId, outcome: 'created', url: at(orgId) }))),
    );
    expect(registered().map(({ url, event_types, status }) => ({ url, event_types, status }))).toEqual(
      expect.arrayContaining(
        orgIds.map((orgId) => ({ url: at(orgId), event_types: TYPES, status: 'active' })),
      ),
    );
    for (const orgId of orgIds) {
      const { sealedSecret = '', id } = (await stored(orgId)) ?? {};
      const there = registered().find(({ url }) => url === at(orgId));
      expect(id).toBe(there?.id);
      expect(open(rig.keyring, orgId, sealedSecret, 'webhook-secret')).toBe(there?.secret);
      expect(() => open(rig.keyring, orgId, sealedSecret)).toThrow();
      expect(applied.stdout + applied.stderr + JSON.stringify(await stored(orgId))).not.toContain('whsec_');
    }
  });

  it('changes nothing where all is well, and asks Luma once', async () => {
    await run(['apply']);
    rig.luma.resetStats();
    const before = await stored(orgIds[0] ?? '');
    expect(await outcomes()).toEqual(['unchanged', 'unchanged']);
    expect(await stored(orgIds[0] ?? '')).toEqual(before);
    expect(rig.luma.requests.map(({ path }) => path)).toEqual(['/v1/webhooks/list', '/v1/webhooks/list']);
  });

  it('puts right what is paused, tells too little, or is registered twice', async () => {
    await run(['apply']);
    const [first, second] = calendars;
    const [webhook] = first?.webhooks.list() ?? [];
    first?.webhooks.setStatus(webhook?.id ?? '', 'paused');
    const [other] = second?.webhooks.list() ?? [];
    second?.webhooks.create(other?.url ?? '', TYPES);
    expect((await outcomes()).sort()).toEqual(['unchanged', 'updated']);
    expect(registered().map(({ status }) => status)).toEqual(['active', 'active']);
    expect(second?.webhooks.list()).toEqual([other]);
  });

  it('replaces one whose address has changed, and leaves those of others', async () => {
    await run(['apply']);
    calendars[0]?.webhooks.create('https://other.example/hook', ['guest.registered']);
    const moved = await run(['apply', '--json'], { LUMA_SYNC_PUBLIC_URL: 'https://new.example' });
    expect(json(moved).map(({ outcome }) => outcome)).toEqual(['replaced', 'replaced']);
    expect(
      registered()
        .map(({ url }) => url)
        .sort(),
    ).toEqual(
      [...orgIds.map((orgId) => at(orgId, 'https://new.example')), 'https://other.example/hook'].sort(),
    );
  });

  it('mends what a process left that ended before it had stored the secret', async () => {
    await run(['apply']);
    const [orgId = ''] = orgIds;
    const before = registered();
    await rig.store.webhooks.remove(orgId);
    expect((await outcomes()).sort()).toEqual(['unchanged', 'updated']);
    expect(registered()).toEqual(before);
    expect((await stored(orgId))?.id).toBe(before.find(({ url }) => url === at(orgId))?.id);
    // The same while an address is being replaced: the new one is there, the old one is still the stored one.
    const calendar = calendars.find(({ webhooks }) => webhooks.list().some(({ url }) => url === at(orgId)));
    calendar?.webhooks.create(at(orgId, 'https://new.example'), TYPES);
    await run(['apply', '--org', orgId], { LUMA_SYNC_PUBLIC_URL: 'https://new.example' });
    expect(calendar?.webhooks.list().map(({ url }) => url)).toEqual([at(orgId, 'https://new.example')]);
  });

  it('says which organization failed, registers the others, and exits 3', async () => {
    calendars[0]?.setFault({ kind: 'rejected-key' });
    const { code, stdout, stderr } = await run(['apply']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/failed {2}LumaKeyRejected: Luma does not accept the API key/);
    expect(stdout).toMatch(/created/);
    expect(stderr).toContain('1 organization failed');
    expect(stdout + stderr).not.toMatch(/secret-|whsec_/);
  });

  it('is used wrongly without a public address, or with one that is none', async () => {
    expect(await run(['apply'], { LUMA_SYNC_PUBLIC_URL: '' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('LUMA_SYNC_PUBLIC_URL') as string,
    });
    for (const wrong of ['events.example', 'ftp://x', 'https://u:p@x.example', 'https://x.example/?a=1']) {
      const { code, stderr } = await run(['apply'], { LUMA_SYNC_PUBLIC_URL: wrong });
      expect(code, wrong).toBe(2);
      expect(stderr).toMatch(/^error: LUMA_SYNC_PUBLIC_URL /);
    }
    expect((await run(['apply', '--org', 'nobody'])).code).toBe(2);
  });
});

describe('webhooks list', () => {
  it('tells by Luma’s word what is active, paused, incomplete and missing', async () => {
    const states = async () =>
      Object.fromEntries(
        json(await run(['list', '--json'])).map(({ orgId, state }) => [orgId, state] as const),
      ) as Record<string, string>;
    const [a = '', b = ''] = orgIds;
    expect(await states()).toEqual({ [a]: 'missing', [b]: 'missing' });
    await run(['apply']);
    expect((await run(['list'])).code).toBe(0);
    const of = (orgId: string) =>
      calendars.find(({ webhooks }) => webhooks.list().some(({ url }) => url === at(orgId)));
    const [webhook] = of(a)?.webhooks.list() ?? [];
    of(a)?.webhooks.setStatus(webhook?.id ?? '', 'paused');
    await rig.store.webhooks.remove(b);
    const listed = await run(['list']);
    expect(listed.code).toBe(3);
    expect(listed.stderr).toContain('luma-sync webhooks apply');
    expect(await states()).toEqual({ [a]: 'paused', [b]: 'incomplete' });
    expect(await stored(a)).toMatchObject({ state: 'paused' });
    of(a)?.setFault({ kind: 'server-error' });
    expect(await states()).toEqual({ [a]: 'unknown', [b]: 'incomplete' });
  });
});

describe('webhooks remove', () => {
  it('deletes its own at Luma and forgets them; repeated, there is nothing to do', async () => {
    await run(['apply']);
    calendars[0]?.webhooks.create('https://other.example/hook', TYPES);
    const removed = await run(['remove', '--json']);
    expect(json(removed).map(({ outcome }) => outcome)).toEqual(['removed', 'removed']);
    expect(registered().map(({ url }) => url)).toEqual(['https://other.example/hook']);
    expect(await stored(orgIds[0] ?? '')).toBeUndefined();
    expect(json(await run(['remove', '--json'])).map(({ outcome }) => outcome)).toEqual(['none', 'none']);
  });
});

describe('status and doctor', () => {
  it('show missing, paused and silent ones, once webhooks are used', async () => {
    const standing = async (publicUrl: string | undefined) =>
      webhooksStanding(await rig.store.webhooks.list(), rig.store, publicUrl);
    expect(await standing(undefined)).toBeNull();
    const [a = '', b = ''] = orgIds;
    expect(await standing(PUBLIC)).toMatchObject({ registered: 0, missing: [a, b] });
    await run(['apply', '--org', a]);
    expect(await standing(undefined)).toMatchObject({ registered: 1, missing: [b], paused: [], silent: [] });
    await run(['apply']);
    await rig.store.webhooks.noteState(a, (await stored(a))?.id ?? '', 'paused');
    const hour = 3_600_000;
    const heard = new Date(Date.now() - 30 * hour);
    await rig.store.webhooks.noteDelivery(b, (await stored(b))?.id ?? '', heard);
    const changedAt = new Date(Date.now() - hour);
    await rig.store.db.collection('events').insertOne({ orgId: b, lumaEventId: 'evt-1', changedAt });
    expect(await standing('https://new.example')).toEqual({
      ...{ organizations: 2, registered: 2, missing: [], moved: [a, b], paused: [a] },
      silent: [{ orgId: b, lastDeliveryAt: heard, changedAt }],
    });
    const { checks } = await diagnose({ env });
    const found = checks.filter(({ part }) => part === 'webhooks');
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['address', 'fail'],
      ['paused', 'warn'],
      ['silent', 'warn'],
    ]);
  });
});

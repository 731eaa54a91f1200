import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { OrganizationDoc, OrgId } from '../../src/mongo/documents.js';
import { generateKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { isSealed, needsReseal, open, seal } from '../../src/secrets/sealed-key.js';
import { useRig } from '../support/rig.js';
import { environment, failureOf, openInput, run } from './support/activities.js';

const rig = useRig();
const organizations = () => rig.store.db.collection<OrganizationDoc>('organizations');
const read = async (_id: OrgId) => await organizations().findOne({ _id });
const storedKey = async (_id: OrgId) => (await read(_id))?.lumaApiKey ?? '';
const calendarOf = (index = 0) => {
  const calendar = rig.luma.calendars[index];
  if (calendar === undefined) throw new Error('no such calendar');
  return calendar;
};

test('a sync begins: which calendar the key opens, and that it is under way', async () => {
  await rig.startLuma({ calendars: [{ id: 'cal-a', name: 'Acme', slug: 'acme' }] });
  const input = openInput(await rig.addOrganization());
  const now = new Date('2090-11-03T18:00:01Z');
  const opened = await run(rig.dependencies({ now: () => now }), 'openOrgSync', input);
  expect(opened).toMatchObject({ calendarId: 'cal-a', requests: 1, pauseMs: 0 });
  expect(opened.limit).toMatchObject({ requests: 195, left: 194 });
  expect(await read(input.orgId)).toMatchObject({
    lumaCalendarUrl: 'https://luma.com/acme',
    lumaSync: { state: 'syncing', calendarId: 'cal-a', calendarName: 'Acme', lastAttemptAt: now },
  });
  expect(await rig.store.db.collection('sync_runs').find().toArray()).toEqual([
    {
      _id: input.syncId,
      kind: 'org',
      orgId: input.orgId,
      workflowId: input.workflowId,
      startedAt: new Date(input.startedAt),
      state: 'running',
    },
  ]);
});

test('a retry begins the same sync, and keeps its window', async () => {
  await rig.startLuma({});
  const input = { ...openInput(await rig.addOrganization()), window: { after: '2026-11-01T00:00:00Z' } };
  await run(rig.dependencies(), 'openOrgSync', input);
  const retried = await run(
    rig.dependencies(),
    'openOrgSync',
    input,
    environment({ attempt: 2, heartbeatDetails: { requests: 1 } }),
  );
  expect(retried.requests).toBe(2);
  expect(await rig.store.db.collection('sync_runs').find().toArray()).toMatchObject([
    { _id: input.syncId, window: input.window },
  ]);
});

describe('the key', () => {
  test('in clear text is sealed where it is, and used', async () => {
    await rig.startLuma({});
    await organizations().insertOne({ _id: 'acme', lumaApiKey: calendarOf().key });
    const opened = await run(rig.dependencies(), 'openOrgSync', openInput('acme'));
    expect(opened.calendarId).toBe(calendarOf().id);
    expect(isSealed(await storedKey('acme'))).toBe(true);
    expect(open(rig.keyring, 'acme', await storedKey('acme'))).toBe(calendarOf().key);
  });

  test('of an organization with an ObjectId is sealed for its string form', async () => {
    await rig.startLuma({});
    const _id = new ObjectId();
    await organizations().insertOne({ _id, lumaApiKey: calendarOf().key });
    await run(rig.dependencies(), 'openOrgSync', openInput(_id.toHexString()));
    expect(open(rig.keyring, _id.toHexString(), await storedKey(_id))).toBe(calendarOf().key);
    const again = await run(rig.dependencies(), 'openOrgSync', openInput(_id.toHexString()));
    expect(again.calendarId).toBe(calendarOf().id);
  });

  test('that an application wrote while the old one was being sealed stays', async () => {
    await rig.startLuma({});
    await organizations().insertOne({ _id: 'acme', lumaApiKey: calendarOf().key });
    const { organizations: store } = rig.store;
    const slow = {
      ...rig.store,
      organizations: {
        ...store,
        replaceKey: async (...args: Parameters<typeof store.replaceKey>) => {
          await organizations().updateOne({ _id: 'acme' }, { $set: { lumaApiKey: 'secret-newer' } });
          return await store.replaceKey(...args);
        },
      },
    };
    await run(rig.dependencies({ store: slow }), 'openOrgSync', openInput('acme'));
    expect(await storedKey('acme')).toBe('secret-newer');
  });

  test('sealed with an older key of the ring is sealed anew; with the newest it stays as it is', async () => {
    await rig.startLuma({});
    const [older, newer] = [generateKeyring(), generateKeyring()];
    const rotated = parseKeyring(`${newer},${older}`);
    const sealed = seal(parseKeyring(older), 'acme', calendarOf().key);
    await organizations().insertOne({ _id: 'acme', lumaApiKey: sealed });
    await run(rig.dependencies({ keyring: rotated }), 'openOrgSync', openInput('acme'));
    const resealed = await storedKey('acme');
    expect(needsReseal(rotated, resealed)).toBe(false);
    expect(open(parseKeyring(newer), 'acme', resealed)).toBe(calendarOf().key);

    await run(rig.dependencies({ keyring: rotated }), 'openOrgSync', openInput('acme'));
    expect(await storedKey('acme')).toBe(resealed);
  });

  test('that the ring cannot open is a final failure, and no request is made', async () => {
    await rig.startLuma({});
    const foreign = seal(parseKeyring(generateKeyring()), 'acme', calendarOf().key);
    await organizations().insertOne({ _id: 'acme', lumaApiKey: foreign });
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', openInput('acme')));
    expect(failure).toMatchObject({ type: 'KeyUnreadable', nonRetryable: true });
    expect(rig.luma.stats().requests).toBe(0);
  });

  test('of another organization does not open', async () => {
    await rig.startLuma({});
    const theirs = await rig.addOrganization();
    await organizations().insertOne({ _id: 'acme', lumaApiKey: await storedKey(theirs) });
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', openInput('acme')));
    expect(failure).toMatchObject({ type: 'KeyUnreadable', nonRetryable: true });
  });

  test('that Luma rejects is a final failure', async () => {
    await rig.startLuma({});
    const sealed = seal(rig.keyring, 'acme', 'secret-unknown');
    await organizations().insertOne({ _id: 'acme', lumaApiKey: sealed });
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', openInput('acme')));
    expect(failure).toMatchObject({ type: 'LumaKeyRejected', nonRetryable: true });
    expect(failure.message).toContain('401');
  });
});

describe('an organization', () => {
  test('that is not there', async () => {
    await rig.startLuma({});
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', openInput('nobody')));
    expect(failure).toMatchObject({ type: 'OrgNotFound', nonRetryable: true });
    expect(failure.message).toBe('no organization "nobody"');
    expect(await organizations().countDocuments()).toBe(0);
  });

  test('without a key', async () => {
    await rig.startLuma({});
    await organizations().insertOne({ _id: 'embed', lumaCalendarUrl: 'https://luma.com/embed' });
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', openInput('embed')));
    expect(failure).toMatchObject({ type: 'OrgHasNoKey', nonRetryable: true });
  });

  test('whose key opens another calendar than before stays bound to the first one', async () => {
    await rig.startLuma({ calendars: [{ id: 'cal-a' }, { id: 'cal-b' }] });
    const orgId = await rig.addOrganization(0);
    await run(rig.dependencies(), 'openOrgSync', openInput(orgId));
    await organizations().updateOne({ _id: orgId }, { $set: { lumaApiKey: calendarOf(1).key } });
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', openInput(orgId)));
    expect(failure).toMatchObject({ type: 'LumaCalendarChanged', nonRetryable: true });
    expect(failure.message).toContain('the key opens calendar cal-b, earlier syncs were of cal-a');
    expect((await read(orgId))?.lumaSync?.calendarId).toBe('cal-a');
  });
});

describe('Luma', () => {
  test('asking for a pause is a pause, not a failure, and the next call goes on', async () => {
    await rig.startLuma({ calendars: [{ faults: [{ kind: 'rate-limit', blockMs: 30_000, times: 1 }] }] });
    const input = openInput(await rig.addOrganization());
    const paused = await run(rig.dependencies(), 'openOrgSync', input);
    expect(paused).toMatchObject({ calendarId: null, requests: 1 });
    expect(paused.pauseMs).toBeGreaterThanOrEqual(30_000);
    rig.luma.advanceTime(paused.pauseMs);
    const opened = await run(rig.dependencies(), 'openOrgSync', input);
    expect(opened.calendarId).toBe(calendarOf().id);
    expect(rig.luma.stats().requestsDuringBlock).toBe(0);
  });

  test('with a budget that is nearly used up: the calendar is known, and a pause follows', async () => {
    await rig.startLuma({ limit: 1, windowMs: 20_000 });
    const opened = await run(rig.dependencies(), 'openOrgSync', openInput(await rig.addOrganization()));
    expect(opened.calendarId).toBe(calendarOf().id);
    expect(opened.pauseMs).toBeGreaterThan(1_000);
  });

  test.each([{ kind: 'server-error' }, { kind: 'reset' }] as const)(
    'that cannot be reached is waited for by the workflow: %o',
    async (fault) => {
      await rig.startLuma({ calendars: [{ faults: [fault] }] });
      const input = openInput(await rig.addOrganization());
      const { calendarId, trouble } = await run(rig.dependencies(), 'openOrgSync', input);
      expect(calendarId).toBeNull();
      expect(trouble).toMatch(/^Luma cannot be reached/);
    },
  );

  test.each([
    ['LumaForbidden', true, { kind: 'forbidden' }],
    ['LumaContractBroken', true, { kind: 'html' }],
  ] as const)('%s is final: %s (%o)', async (type, nonRetryable, fault) => {
    await rig.startLuma({ calendars: [{ faults: [fault] }] });
    const input = openInput(await rig.addOrganization());
    const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', input));
    expect(failure).toMatchObject({ type, nonRetryable });
  });
});

describe('a key that changes while a sync is under way', () => {
  test.each(['fetchLumaPages', 'fetchEventDetails', 'settleRemovals', 'upsertEvents'] as const)(
    'is not used by %s: it fails by name, asks Luma nothing and changes nothing',
    async (activity) => {
      await rig.startLuma({
        calendars: [
          { id: 'cal-a', events: 3 },
          { id: 'cal-b', events: 3 },
        ],
      });
      const input = openInput(await rig.addOrganization(0));
      await run(rig.dependencies(), 'openOrgSync', input);
      await run(rig.dependencies(), 'fetchLumaPages', input);
      await organizations().updateOne({ _id: input.orgId }, { $set: { lumaApiKey: calendarOf(1).key } });
      const before = rig.luma.stats().requests;

      const pages = { phase: 'listing' as const, fromSeq: 1, throughSeq: 1 };
      const failure = await failureOf(run(rig.dependencies(), activity, { ...input, ...pages }));

      expect(failure).toMatchObject({ type: 'LumaKeyChanged', nonRetryable: true });
      expect(rig.luma.stats().requests).toBe(before);
      expect(await rig.store.db.collection('events').countDocuments()).toBe(0);
    },
  );

  test('but is only sealed anew, or written again, is the same key', async () => {
    await rig.startLuma({ calendars: [{ id: 'cal-a', events: 3 }] });
    const input = openInput(await rig.addOrganization(0));
    await run(rig.dependencies(), 'openOrgSync', input);
    await organizations().updateOne({ _id: input.orgId }, { $set: { lumaApiKey: calendarOf(0).key } });
    expect(await run(rig.dependencies(), 'fetchLumaPages', input)).toMatchObject({ complete: true });
  });
});

test('a sync that has ended is not opened again by an attempt that was late', async () => {
  await rig.startLuma({ calendars: [{ id: 'cal-a' }] });
  const input = openInput(await rig.addOrganization(0));
  await run(rig.dependencies(), 'openOrgSync', input);
  const report = {
    ...{ orgId: input.orgId, syncId: input.syncId, calendarId: null, dryRun: false, pages: 0, requests: 1 },
    ...{
      detailsPending: 0,
      unresolved: 0,
      waitedMs: 0,
      startedAt: input.startedAt,
      finishedAt: input.startedAt,
    },
    events: { seen: 0, inserted: 0, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 },
  };
  const end = {
    state: 'canceled' as const,
    failure: { type: 'Canceled', message: 'canceled by an operator' },
  };
  await run(rig.dependencies(), 'closeOrgSync', { workflowId: input.workflowId, end, report });
  const failure = await failureOf(run(rig.dependencies(), 'openOrgSync', input));
  expect(failure).toMatchObject({ type: 'SyncOvertaken', nonRetryable: true });
  expect((await read(input.orgId))?.lumaSync?.state).toBe('canceled');
});

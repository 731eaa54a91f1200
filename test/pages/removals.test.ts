import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectLumaSync, type LumaSync } from '../../src/client.js';
import { createLogger } from '../../src/logger.js';
import { storeOf } from '../../src/mongo/store.js';
import { createPages } from '../../src/pages/create-pages.js';
import { cancelAt } from '../mongo/support/store.js';
import { freshDatabase } from '../support/servers.js';
import { addOrganization, addRemovals } from './support/seed.js';
import { servePages, type ServedPages } from './support/serve.js';
import { Visitor } from './support/visitor.js';

const { db, uri, name } = freshDatabase();
const store = storeOf(db, { now: () => new Date() });
const token = 'kN4m7Qx2vT9pLr5sWz8bYc3dFg6hJa1e';
let operations: LumaSync;
let served: ServedPages;
let ann: Visitor;
let form: string;

beforeAll(async () => {
  await store.ensureIndexes();
  operations = connectLumaSync({ mongo: { uri, db: name } });
  served = await servePages(createPages({ db, operations, token, logger: createLogger('silent') }));
});
beforeEach(async () => {
  for (const { name: collection } of await db.listCollections().toArray())
    await db.collection(collection).deleteMany({});
  await addOrganization(db, 'org', 'Harbour Makers Guild');
  await addRemovals(db, 'org', ['First', 'Second', 'Third <b>']);
  ann = new Visitor(served.url);
  await ann.signIn(token);
  form = await ann.formToken();
});
afterAll(async () => {
  await served.close();
  await operations.close();
});

const id = (n: number) => `evt-org-${n}`;
const page = '/status/removals?org=org';
const answer = { org: 'org', name: 'Ann of the events team', decision: 'approve' };
const decide = (fields: Record<string, string | string[]>, headers?: Record<string, string>) =>
  ann.post('/status/removals', { form, ...answer, ...fields }, headers);

async function decisions() {
  const held = await operations.removals.list('org');
  return Object.fromEntries(held.map(({ lumaEventId, decision }) => [lumaEventId, decision]));
}

const undecided = { [id(0)]: 'waiting', [id(1)]: 'waiting', [id(2)]: 'waiting' };

describe('removals', () => {
  test('are shown with what is known of each, and decided on under a name that is remembered', async () => {
    const { document } = await ann.get(page);
    expect(document.errors).toEqual([]);
    expect(document.all('label').map(({ text }) => text)).toEqual([
      'First',
      'Second',
      'Third <b>',
      'Your name',
    ]);
    expect(document.text).toContain('Luma says that the event no longer exists.');

    const { response } = await decide({ event: [id(0), id(2)] });
    expect([response.status, response.headers.get('location')]).toEqual([303, `${page}&recorded`]);
    expect(await decisions()).toEqual({ [id(0)]: 'approved', [id(1)]: 'waiting', [id(2)]: 'approved' });
    expect(await operations.removals.history()).toMatchObject([
      { by: 'Ann of the events team', kind: 'removals-approved', lumaEventIds: [id(0), id(2)] },
    ]);

    const after = await ann.get(`${page}&recorded`);
    expect(after.document.all('input', { name: 'name' })[0]?.attributes.value).toBe('Ann of the events team');
    expect(after.document.all('input', { name: 'event' })).toHaveLength(1);
    expect(after.document.text).toContain('Your decision is recorded');
    expect(after.document.text).toContain('Third <b>: goes (Ann of the events team, ');
    expect(after.document.text).toMatch(/UTC: Ann of the events team let 2 events go/);
  });

  test('are kept by the other button', async () => {
    await decide({ event: id(1), decision: 'reject' });
    expect(await decisions()).toEqual({ ...undecided, [id(1)]: 'rejected' });
  });

  test('that somebody else has decided on meanwhile are not decided on again', async () => {
    await operations.removals.reject('org', [id(0)], { by: 'Bob' });
    const { response, document } = await decide({ event: [id(0), id(1)] });
    expect(response.status).toBe(409);
    expect(document.text).toMatch(
      /Nothing was decided: Bob kept “First” on \d+ \w+ \d{4}, \d\d:\d\d UTC. This is how the list is now./,
    );
    expect(document.all('input', { name: 'name' })[0]?.attributes.value).toBe('Ann of the events team');
    expect(await decisions()).toEqual({ ...undecided, [id(0)]: 'rejected' });
  });

  test('that are decided on by two at the same moment are decided on once, and one is told', async () => {
    for (const one of [id(0), id(1), id(2)]) {
      const [other, { response, document }] = await Promise.all([
        // As the page does: otherwise the last word counts.
        operations.removals
          .reject('org', [one], { by: 'Bob', onlyWaiting: true })
          .catch((error: unknown) => error),
        decide({ event: one }),
      ]);
      const isBob = !(other instanceof Error);
      expect(response.status).toBe(isBob ? 409 : 303);
      if (isBob) expect(document.text).toContain('Nothing was decided: Bob kept');
      else expect(String(other)).toContain(`${one} was approved by Ann of the events team`);
      expect(await decisions()).toMatchObject({ [one]: isBob ? 'rejected' : 'approved' });
    }
    expect(await operations.removals.history()).toHaveLength(3);
  });

  test('that are no longer in question, or never were, are not decided on, nor is anything with them', async () => {
    await cancelAt(store, 'org', 2, id(0));
    await db.collection('held_removals').deleteOne({ lumaEventId: id(0) });
    for (const gone of [id(0), 'evt-never', '']) {
      const { response } = await decide({ event: [gone, id(1)] });
      expect([gone, response.status]).toEqual([gone, 409]);
    }
    expect(await decisions()).toEqual({ [id(1)]: 'waiting', [id(2)]: 'waiting' });
  });

  test.each([
    [{ name: ' ' }, 400, 'the name of who decides is empty'],
    [{ name: 'a\u001b[31m' }, 400, 'control characters'],
    [{ name: 'x'.repeat(201) }, 400, 'longer than 200 characters'],
    [{ event: [] }, 400, 'check at least one event'],
    [{ event: Array.from({ length: 201 }, (_, n) => `e${n}`) }, 400, 'too many at once'],
    [{ decision: 'delete' }, 400, 'Press one of the two buttons'],
    [{ org: 'nobody' }, 404, 'There is no such calendar'],
    [{ org: '' }, 404, 'There is no such calendar'],
    [{ event: ['x'.repeat(300_000)] }, 413, 'too large'],
  ])(
    'are not decided on by an answer that is none: %#',
    async (fields: Record<string, string | string[]>, status, text) => {
      const { response, document } = await decide({ event: [id(0)], ...fields });
      expect(response.status).toBe(status);
      expect(document.text).toContain(text);
      expect(await decisions()).toEqual(undecided);
    },
  );

  test('are not decided on by a form of another site', async () => {
    const other = new Visitor(served.url);
    await other.signIn(token);
    const event = [id(0)];
    const answers = [
      await decide({ event }, { origin: 'https://evil.example' }),
      await decide({ event }, { origin: 'null' }),
      await decide({ event }, { origin: '' }),
      await decide({ event }, { origin: served.url.replace('127.0.0.1', '127.0.0.2') }),
      await decide({ event }, { 'sec-fetch-site': 'cross-site' }),
      await decide({ event }, { 'sec-fetch-site': 'same-site' }),
      await decide({ event, form: '' }),
      await decide({ event, form: await other.formToken() }),
    ];
    expect(answers.map(({ response }) => response.status)).toEqual(answers.map(() => 403));
    expect(await decisions()).toEqual(undecided);
    expect((await decide({ event }, { 'sec-fetch-site': 'same-origin' })).response.status).toBe(303);
  });

  test('that are many are decided on some hundreds at a time', async () => {
    await addOrganization(db, 'big', 'Big');
    await addRemovals(
      db,
      'big',
      Array.from({ length: 201 }, (_, n) => `Event ${n}`),
    );
    const { document } = await ann.get('/status/removals?org=big');
    const ids = document.all('input', { name: 'event' }).map(({ attributes }) => attributes.value ?? '');
    expect(ids).toHaveLength(200);
    expect(document.text).toContain('1 more will be shown when these are decided.');
    expect((await decide({ org: 'big', event: ids })).response.status).toBe(303);
    const next = await ann.get('/status/removals?org=big');
    expect(next.document.all('input', { name: 'event' })).toHaveLength(1);
  });
});

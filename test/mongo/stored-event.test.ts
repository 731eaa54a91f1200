import fc from 'fast-check';
import { Binary, Decimal128, type Document, Double, Int32, Long, MinKey, ObjectId, Timestamp } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { EventFields, ObservedFields } from '../../src/events/event.js';
import { newEventFields } from '../../src/events/new-event.js';
import { takeOver } from '../../src/events/new-event.js';
import { planChanges } from '../../src/events/plan.js';
import type { EventDoc } from '../../src/mongo/documents.js';
import { updateOf } from '../../src/mongo/write-events.js';
import { collectionsOf } from '../../src/mongo/collections.js';
import { CONSIDERED, lastState, readStored, type TakeoverDoc } from '../../src/mongo/stored-event.js';
import { observedFields, storedFields } from '../events/support.js';
import { applyAt, everything, seen, useStore } from './support/store.js';

const NOW = new Date('2026-11-22T07:00:00Z');
const START = new Date('2026-12-01T18:00:00Z');

const FIELDS: EventFields = {
  title: 'Reading group',
  startAt: START,
  timezone: 'Europe/Brussels',
  url: 'https://luma.com/a',
  isVirtual: false,
  locationKind: 'in-person',
  visibility: 'public',
  platform: 'luma',
  tags: ['outdoors'],
  source: 'api',
};
const OURS = {
  ...{ _id: new ObjectId(), orgId: 'org', lumaEventId: 'evt-1' },
  ...FIELDS,
  ...{ revision: 3, createdAt: NOW, changedAt: NOW, syncedAt: NOW },
};

/** As a program wrote it that knew no more than times in numbers. */
function earlier({ title, startAt, endAt, timezone, url, isVirtual, description }: EventFields): Document {
  return {
    ...{ orgId: 'org', lumaEventId: 'evt-1', title, timezone, url, isVirtual },
    ...{ startAt: startAt.getTime(), syncedAt: NOW.getTime() },
    ...(endAt === undefined ? {} : { endAt: endAt.getTime() }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Whether the next answer of Luma about it is written whatever it says. */
function needsHealing(raw: Document): boolean {
  return readStored(raw).kind === 'takeover';
}

function takeoverOf(raw: Document): TakeoverDoc {
  const stored = readStored(raw);
  if (stored.kind !== 'takeover') throw new Error(`it is ${stored.kind}`);
  return stored.doc;
}

/** As it is planned, and written. */
function takeOverOf(doc: TakeoverDoc, fields: ObservedFields) {
  const known = { stored: new Map<string, EventDoc>(), odd: new Map([['evt-1', doc]]), removed: new Map() };
  const [update] = planChanges([{ lumaEventId: 'evt-1', fields }], [], known).takeOvers;
  if (update === undefined) throw new Error('it lacks what an event needs');
  return updateOf(update, { at: NOW, now: NOW });
}

/** The document once Luma's word about it is written. */
function healed(raw: Document, observed: ObservedFields): Document {
  const doc = takeoverOf(raw);
  const { $set, $unset = {} } = takeOverOf(doc, observed).update;
  return Object.fromEntries(Object.entries({ ...raw, ...$set }).filter(([name]) => !(name in $unset)));
}

const bson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.date(),
  fc.constantFrom<unknown>(
    undefined,
    Number.NaN,
    Infinity,
    new ObjectId(),
    new Decimal128('1.5'),
    new Long(7, 7),
    new Int32(3),
    new Double(2.5),
    new Binary(Buffer.from('x')),
    new Timestamp({ t: 1, i: 1 }),
    new MinKey(),
    /a/i,
    [null],
    'evt-1',
    '2026-12-01T18:00:00Z',
  ),
);
/** A document of ours in which any of the fields is anything, or missing. */
const anyDocument: fc.Arbitrary<Document> = fc
  .dictionary(fc.constantFrom(...Object.keys(OURS), 'eventId', 'constructor'), bson, { maxKeys: 17 })
  .chain((changes) => fc.constantFrom<Document>({ ...OURS, ...changes }, changes));

describe('a stored document', () => {
  test('of this program is its own', () => {
    expect(readStored(OURS)).toEqual({ kind: 'ours', doc: OURS });
    expect(needsHealing(OURS)).toBe(false);
  });

  test.each<[string, Document]>([
    ['tags: null', { tags: null }],
    ['tags with a number', { tags: ['a', 1] }],
    ['a start in a number', { startAt: START.getTime() }],
    ['an end that is null', { endAt: null }],
    ['a title that is none', { title: 7 }],
    ['isVirtual in a word', { isVirtual: 'no' }],
    ['an unknown kind of location', { locationKind: 'moon' }],
    ['a city in a number', { city: 7 }],
    ['a point beyond the earth', { coordinates: { longitude: 181, latitude: 0 } }],
    ['a point in a list', { coordinates: [3, 51] }],
    ['a revision in a word', { revision: 'three' }],
    ['revision 0', { revision: 0 }],
    ['no changedAt', { changedAt: undefined }],
    ['a createdAt in a number', { createdAt: NOW.getTime() }],
    ['an instant that is none', { syncedAt: new Date(Number.NaN) }],
  ])('with %s is healed by the next word of Luma', (_, damage) => {
    const raw = { ...OURS, ...damage };
    expect(needsHealing(raw)).toBe(true);
    const after = healed(raw, FIELDS);
    expect(readStored(after).kind).toBe('ours');
    expect(after).toMatchObject({ ...FIELDS, orgId: 'org', lumaEventId: 'evt-1' });
  });

  test('that was damaged keeps its revision going, its creation and its description', () => {
    const raw = { ...OURS, tags: null, description: 'Bring a chair' };
    expect(healed(raw, FIELDS)).toMatchObject({ revision: 4, createdAt: NOW, description: 'Bring a chair' });
  });

  test.each<[string, Document]>([
    ['no ids', { title: 'Theirs', startAt: START }],
    ['no event id', { orgId: 'org' }],
    ['an event id in a number', { orgId: 'org', lumaEventId: 7 }],
    ['a list of event ids', { orgId: 'org', lumaEventId: ['evt-1'] }],
    ['no organization', { lumaEventId: 'evt-1' }],
    ['an organization in a number', { orgId: 7, lumaEventId: 'evt-1' }],
    ['a list of organizations', { orgId: ['org'], lumaEventId: 'evt-1' }],
  ])('with %s is foreign', (_, raw) => {
    expect(readStored({ _id: 1, ...raw })).toEqual({ kind: 'foreign' });
    expect(needsHealing(raw)).toBe(false);
  });

  test.each<[unknown, Date | undefined]>([
    [START.getTime(), START],
    [START.getTime() / 1000, START],
    ['2026-12-01T19:00:00+01:00', START],
    ['2026-12-01T18:00Z', START],
    ['2026-12-01T18:00:00', undefined],
    ['2026-02-30T18:00:00Z', undefined],
    ['2026-13-01T18:00:00Z', undefined],
    ['soon', undefined],
    [0, undefined],
    [-5, undefined],
    [1e15, undefined],
    [Number.NaN, undefined],
    [null, undefined],
  ])('of an earlier program with the start %j', (startAt, read) => {
    expect(takeoverOf({ _id: 'x', ...earlier(FIELDS), startAt }).fields.startAt).toEqual(read);
  });

  test('of an earlier program keeps what Luma does not speak of, fields of its own included', () => {
    const raw = { _id: 'x', ...earlier(FIELDS), description: 'Long', eventId: 42 };
    expect(healed(raw, FIELDS)).toMatchObject({ description: 'Long', eventId: 42, revision: 1 });
  });

  test('of an earlier program is no source for places and visibility: those are shown on Luma’s word only', () => {
    const raw = { _id: 'x', ...earlier(FIELDS), location: 'Ann’s flat', hostName: 'Ann' };
    expect(healed(raw, FIELDS)).not.toHaveProperty('location');
    const place = { city: 'Ghent', country: 'Belgium', coordinates: { longitude: 3, latitude: 51 } };
    const after = healed({ ...raw, ...place }, FIELDS);
    for (const name of Object.keys(place)) expect(after).not.toHaveProperty(name);
    expect(healed(raw, FIELDS)).not.toHaveProperty('hostName');
    const silent = takeOver(takeoverOf({ ...raw, visibility: 'public' }).fields, {
      ...FIELDS,
      visibility: null,
    });
    expect(silent).toEqual({ problems: [{ path: 'visibility', problem: 'missing' }] });
  });

  test('of an earlier program with an external id is external: Luma cannot be asked for it alone', () => {
    expect(takeoverOf({ ...earlier(FIELDS), lumaEventId: 'calev-1' }).fields.platform).toBe('external');
    expect(takeoverOf(earlier(FIELDS)).fields.platform).toBe('luma');
  });

  test('of an earlier program that goes is complete in removed_events', () => {
    const doc = takeoverOf({ _id: 'x', ...earlier(FIELDS), startAt: 'soon' });
    expect(readStored({ _id: 'x', ...lastState(doc, NOW) }).kind).toBe('ours');
  });
});

describe('whatever is stored', () => {
  test('is read without an error', () => {
    fc.assert(
      fc.property(anyDocument, (raw) => {
        const stored = readStored(raw);
        expect(needsHealing(raw)).toBe(stored.kind === 'takeover');
        if (stored.kind === 'takeover') {
          expect(readStored({ _id: 1, ...lastState(stored.doc, NOW) }).kind).toBe('ours');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('and shown by Luma is an event like any other afterwards', () => {
    fc.assert(
      fc.property(anyDocument, storedFields, (raw, fields) => {
        if (!needsHealing(raw)) return;
        const after = healed(raw, fields);
        expect(readStored(after).kind).toBe('ours');
        expect(after).toMatchObject(fields);
      }),
      { numRuns: 500 },
    );
  });

  test('by an earlier program becomes what a first sync would have written', () => {
    fc.assert(
      fc.property(storedFields, observedFields, (fields, observed) => {
        const fresh = newEventFields(observed);
        if ('problems' in fresh) return;
        // Descriptions are kept where Luma says none: that is another test's.
        const before = Object.fromEntries(
          Object.entries(fields).filter(([name]) => name !== 'description'),
        ) as unknown as EventFields;
        const raw = earlier({ ...before, ...fresh.fields });
        const after = healed(raw, observed);
        const own = { revision: 1, createdAt: NOW, changedAt: NOW, syncedAt: NOW };
        expect(after).toEqual({ orgId: 'org', lumaEventId: 'evt-1', ...fresh.fields, ...own, ...keptEnd() });

        /** An end of which Luma says nothing stays. */
        function keptEnd(): Partial<EventFields> {
          return observed.endAt === undefined && before.endAt !== undefined ? { endAt: before.endAt } : {};
        }
      }),
    );
  });
});

describe('in MongoDB', () => {
  const rig = useStore();

  test('events are counted, and what is foreign is not', async () => {
    await applyAt(rig.store, 'org', 0, { events: [seen('evt-ours')] });
    const events = rig.db.collection('events');
    const plan = earlier(FIELDS);
    const shape = { title: 'T', startAt: START, url: 'https://example.org' };
    const docs: Document[] = [
      { ...plan, lumaEventId: 'evt-ms' },
      { ...plan, lumaEventId: 'evt-s', startAt: 1_796_000_000 },
      { ...plan, lumaEventId: 'evt-iso', startAt: START.toISOString() },
      { ...plan, lumaEventId: 'calev-ms' },
      { ...OURS, _id: new ObjectId(), lumaEventId: 'evt-damaged', title: null },
      { orgId: 'org', lumaEventId: 'evt-nothing' },
      { orgId: 'org', lumaEventId: 'evt-note', note: 'theirs' },
      { ...plan, lumaEventId: 'other-1' },
      { orgId: 'org', ...shape },
      { ...plan, lumaEventId: 7 },
      { ...plan, lumaEventId: ['evt-a', 'evt-b'] },
      { ...plan, orgId: ['org', 'two'], lumaEventId: 'evt-two' },
      { ...plan, lumaEventId: 'evt-untimed', startAt: null },
    ];
    await events.insertMany(docs);
    const found = await events.find({ orgId: 'org', ...(CONSIDERED as Document) }).toArray();
    const expected = ['calev-ms', 'evt-damaged', 'evt-iso', 'evt-ms', 'evt-ours', 'evt-s'];
    expect(found.map((doc) => doc.lumaEventId as string).sort()).toEqual(expected);
    // The rule in the code and the rule in the query are one.
    const inCode = (await events.find({ orgId: 'org' }).toArray()).filter((doc) => {
      const stored = readStored(doc);
      return stored.kind === 'ours' || (stored.kind === 'takeover' && stored.doc.considered);
    });
    expect(inCode.map((doc) => doc.lumaEventId as string).sort()).toEqual(expected);
  });

  test.each<[string, Document]>([
    ['without a revision', {}],
    ['with a revision that is no number', { revision: { a: 1 } }],
    ['with a list for a revision', { revision: [1, 2] }],
    ['of an id of its own kind', { _id: 'theirs-1' }],
  ])('a document %s is taken over, unless another writer was faster', async (_, extra) => {
    const { events } = collectionsOf(rig.db);
    await rig.db.collection('events').insertOne({ ...earlier(FIELDS), ...extra, theirs: true });
    const [raw = {}] = await everything(rig.db, 'events');
    const doc = takeoverOf(raw);
    const { filter, update } = takeOverOf(doc, FIELDS);
    expect(await events.updateOne(filter, update)).toMatchObject({ matchedCount: 1 });
    const [after = {}] = await everything(rig.db, 'events');
    expect(readStored(after).kind).toBe('ours');
    expect(after).toMatchObject({ ...FIELDS, theirs: true, revision: 1 });
    expect(await events.updateOne(filter, update)).toMatchObject({ matchedCount: 0 });
  });
});

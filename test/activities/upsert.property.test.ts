import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObservedFields } from '../../src/events/event.js';
import { OPTIONAL_FIELDS, usableFields } from '../events/support.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { useRig } from '../support/rig.js';
import { run } from './support/activities.js';

const rig = useRig();

type Word = { said: ObservedFields } | 'hidden' | 'untrusted';
type PageWords = Record<string, Word>;

/**
 * What pages may say of each event. One that is hidden at times speaks of every field it may be without whenever it
 * is shown: of what was said before it was first stored, a sync knows nothing.
 */
const WORDS: Record<string, fc.Arbitrary<Word>> = {
  'evt-shown': shown(usableFields),
  'evt-silent': fc.oneof(shown(usableFields), shown(usableFields.map(halfSaid))),
  'evt-spoilt': fc.oneof(shown(usableFields), fc.constant<Word>('untrusted')),
  'evt-hidden': fc.oneof(shown(usableFields.map(fullySaid)), fc.constant<Word>('hidden')),
  'evt-useless': shown(usableFields.map((said) => ({ ...said, title: null }))),
};

function shown(fields: fc.Arbitrary<ObservedFields>): fc.Arbitrary<Word> {
  return fields.map((said) => ({ said }));
}

function halfSaid({ title, startAt, url, visibility, location }: ObservedFields): ObservedFields {
  return { title, startAt, url, visibility, ...(location === undefined ? {} : { location }) };
}

function fullySaid(said: ObservedFields): ObservedFields {
  const nothing = Object.fromEntries(OPTIONAL_FIELDS.map((field) => [field, null]));
  return {
    ...nothing,
    timezone: 'UTC',
    isVirtual: false,
    locationKind: 'unknown',
    platform: 'luma',
    tags: [],
    // `null` says nothing about a field that every event has.
    ...Object.fromEntries(
      Object.entries(said).filter(
        ([field, value]) => value !== null || (OPTIONAL_FIELDS as readonly string[]).includes(field),
      ),
    ),
  };
}

const pagesOfAnySort = fc.array(fc.record(WORDS, { requiredKeys: [] }) as fc.Arbitrary<PageWords>, {
  minLength: 1,
  maxLength: 6,
});

/** In any order, some of them more than once, in slices of one page or all between two pages. */
const plan = pagesOfAnySort.chain((pages) => {
  const seqs = pages.map((_, index) => index + 1);
  const slice = fc.tuple(fc.constantFrom(...seqs), fc.constantFrom(...seqs));
  return fc.record({
    pages: fc.constant(pages),
    order: fc.shuffledSubarray(seqs, { minLength: seqs.length }),
    repeated: fc.array(slice, { maxLength: 4 }),
    repeatedFirst: fc.boolean(),
  });
});

async function stage(orgId: string, pages: PageWords[]) {
  const sync = await rig.openSync(orgId);
  const { _id } = await rig.store.organizations.get(orgId);
  for (const [index, words] of pages.entries()) {
    const entries = Object.entries(words);
    await rig.store.stagedPages.add({
      syncId: sync.syncId,
      orgId: _id,
      phase: 'listing',
      seq: index + 1,
      // Later than any clock: staged pages expire by their own date.
      observedAt: new Date(Date.UTC(2090, 10, 3, 18, 0, index)),
      entries: entries.length,
      events: entries.flatMap(([lumaEventId, word]) =>
        typeof word === 'string' ? [] : { lumaEventId, managed: true, fields: word.said },
      ),
      hidden: entries.flatMap(([lumaEventId, word]) =>
        word === 'hidden' ? { lumaEventId, visibility: 'private' } : [],
      ),
      quarantined: entries.flatMap(([lumaEventId, word]) =>
        word === 'untrusted'
          ? { lumaEventId, problems: [{ path: 'start_at', problem: 'missing' }], values: {} }
          : [],
      ),
      undescribed: [],
      nextCursor: index + 1 === pages.length ? null : `after-${index}`,
      hasMore: index + 1 < pages.length,
    });
  }
  return async (fromSeq: number, throughSeq: number) =>
    await run({ store: rig.store, keyring: rig.keyring, luma: {} as never }, 'upsertEvents', {
      ...sync,
      phase: 'listing',
      fromSeq,
      throughSeq,
    });
}

async function organization(): Promise<string> {
  const id = `org-${randomUUID()}`;
  return await rig.store.organizations.add({
    id,
    name: 'Any',
    sealedKey: seal(rig.keyring, id, 'secret-any'),
  });
}

async function documents(orgId: string, collection = 'events') {
  const { _id } = await rig.store.organizations.get(orgId);
  return await rig.store.db.collection(collection).find({ orgId: _id }).sort({ lumaEventId: 1 }).toArray();
}

/** What Luma says: without ids, times of writing and the number of writes. */
async function events(orgId: string) {
  return (await documents(orgId)).map((doc) => ({
    ...doc,
    ...{ _id: 0, orgId: 0, syncedAt: 0, revision: 0, createdAt: 0, changedAt: 0, fingerprint: 0 },
  }));
}

test('any order and any repetition of pages leads to the same events as all in time order, once', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ pages, order, repeated, repeatedFirst }) => {
      const [inTime, anyhow] = [await organization(), await organization()];
      const applyInTime = await stage(inTime, pages);
      for (const index of pages.keys()) await applyInTime(index + 1, index + 1);

      const apply = await stage(anyhow, pages);
      const again = async () => {
        for (const [a, b] of repeated) await apply(Math.min(a, b), Math.max(a, b));
      };
      if (repeatedFirst) await again();
      for (const seq of order) await apply(seq, seq);
      if (!repeatedFirst) await again();

      expect(await events(anyhow)).toEqual(await events(inTime));
      const quarantined = async (orgId: string) =>
        (await documents(orgId, 'quarantined_entries')).map((doc): unknown => doc.lumaEventId);
      expect(await quarantined(anyhow)).toEqual(await quarantined(inTime));
    }),
    { numRuns: 8 },
  );
});

test('pages that are applied again change nothing at all', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ pages, order, repeated }) => {
      const orgId = await organization();
      const apply = await stage(orgId, pages);
      for (const seq of order) await apply(seq, seq);
      const before = [await documents(orgId), await documents(orgId, 'removed_events')];
      for (const [a, b] of repeated) await apply(Math.min(a, b), Math.max(a, b));
      await apply(1, pages.length);
      expect([await documents(orgId), await documents(orgId, 'removed_events')]).toEqual(before);
    }),
    { numRuns: 6 },
  );
});

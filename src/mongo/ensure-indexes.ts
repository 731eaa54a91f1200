import {
  type Collection,
  type Document,
  type IndexDescription,
  type IndexDescriptionInfo,
  MongoServerError,
} from 'mongodb';
import { documentsInTheWay } from './documents-in-the-way.js';
import { guarded } from './errors.js';
import { dropIndex, ForeignIndexConflict, IndexInTheWay } from './in-the-way.js';

const NAMESPACE_NOT_FOUND = 26;
/** IndexOptionsConflict and IndexKeySpecsConflict. */
const CONFLICTS: readonly unknown[] = [85, 86];
const DUPLICATE_KEY = 11000;

/** How a collection's indexes differ from those that are wanted. */
export interface IndexFindings {
  missing: IndexDescription[];
  /** What keeps missing ones from being created. */
  inTheWay: IndexInTheWay[];
}

/** Looks, and changes nothing. @throws StoreUnavailable */
export async function lookAtCollectionIndexes(
  collection: Collection,
  wanted: readonly IndexDescription[],
): Promise<IndexFindings> {
  const there = await indexesOf(collection);
  const missing = wanted.filter((index) => !there.some((one) => serves(one, index)));
  const inTheWay = missing.flatMap((index) => {
    const one = there.find((candidate) => standsInTheWay(candidate, index));
    return one === undefined ? [] : [indexInTheWay(collection, one, index)];
  });
  return { missing, inTheWay };
}

/**
 * Creates what is missing; any number of workers may do it at the same time. An index under another name that does the
 * same is as good.
 *
 * @throws IndexInTheWay, DocumentsInTheWay, StoreUnavailable
 */
export async function ensureCollectionIndexes(
  collection: Collection,
  wanted: readonly IndexDescription[],
): Promise<void> {
  const there = await indexesOf(collection);
  const missing = wanted.filter((index) => !there.some((one) => serves(one, index)));
  if (missing.length === 0) return;
  for (const index of missing) {
    // Of two that expire, the shorter one rules: beside ours it would delete too early.
    const expiring = there.find((one) => expiresOtherwise(one, index));
    if (expiring !== undefined) throw indexInTheWay(collection, expiring, index);
  }
  await guarded('create indexes', async () => {
    try {
      await collection.createIndexes([...missing]);
    } catch (error) {
      throw await explained(error, collection, missing);
    }
  });
}

/**
 * The named error for a write that an index refused, where the index is none of these: an application's own. `null`:
 * another writer stored the same event first.
 *
 * @param index its name, as the driver's error has it
 */
export async function foreignIndexConflict(
  collection: Collection,
  index: string,
  own: readonly IndexDescription[],
): Promise<ForeignIndexConflict | null> {
  const found = (await indexesOf(collection)).find(({ name }) => name === index);
  if (found === undefined || index === '_id_') return null;
  if (own.some((one) => one.unique === true && serves(found, one))) return null;
  return new ForeignIndexConflict(collection.collectionName, index, Object.keys(found.key));
}

async function indexesOf(collection: Collection): Promise<IndexDescriptionInfo[]> {
  return await guarded('read indexes', async () => {
    try {
      return await collection.indexes();
    } catch (error) {
      if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
      throw error;
    }
  });
}

async function explained(
  error: unknown,
  collection: Collection,
  missing: readonly IndexDescription[],
): Promise<unknown> {
  if (!(error instanceof MongoServerError)) return error;
  if (CONFLICTS.includes(error.code)) {
    const there = await indexesOf(collection);
    for (const index of missing) {
      const one = there.find(({ name }) => name === index.name) ?? there.find((o) => hasSameKeys(o, index));
      if (one !== undefined && !serves(one, index)) return indexInTheWay(collection, one, index);
    }
  }
  if (error.code === DUPLICATE_KEY) {
    const fields = missing.find(({ unique }) => unique === true)?.key;
    if (fields !== undefined) return await documentsInTheWay(collection, Object.keys(fields));
  }
  return error;
}

/** Whether all that the wanted index is for is had from the other one. One that is unique besides serves reads too. */
function serves(there: IndexDescriptionInfo, wanted: IndexDescription): boolean {
  return hasSameKeys(there, wanted) && differences(there, wanted).length === 0;
}

function differences(there: IndexDescriptionInfo, wanted: IndexDescription): string[] {
  const { partialFilterExpression: partial, collation, expireAfterSeconds: expiry } = there as Document;
  const wantedExpiry = wanted.expireAfterSeconds;
  return [
    ...(hasSameKeys(there, wanted) ? [] : [`it is on ${JSON.stringify(there.key)}`]),
    ...(wanted.unique === true && there.unique !== true ? ['it is not unique'] : []),
    ...(partial === undefined ? [] : ['it covers only a part of the documents']),
    ...(collation === undefined || (collation as Document).locale === 'simple' ? [] : ['it has a collation']),
    ...(expiry === wantedExpiry
      ? []
      : [`documents expire ${after(expiry)} by it, and should ${after(wantedExpiry)}`]),
  ];
}

function after(seconds: unknown): string {
  return typeof seconds === 'number' ? `after ${seconds} s` : 'never';
}

function expiresOtherwise(there: IndexDescriptionInfo, wanted: IndexDescription): boolean {
  const expiry: unknown = there.expireAfterSeconds;
  return hasSameKeys(there, wanted) && expiry !== undefined && expiry !== wanted.expireAfterSeconds;
}

/** Whether MongoDB refuses the wanted index because of this one, or ours would expire documents at another time. */
function standsInTheWay(there: IndexDescriptionInfo, wanted: IndexDescription): boolean {
  if (there.name === wanted.name || expiresOtherwise(there, wanted)) return true;
  const { partialFilterExpression: partial, collation } = there as Document;
  return hasSameKeys(there, wanted) && partial === undefined && collation === undefined;
}

function hasSameKeys({ key }: IndexDescriptionInfo, wanted: IndexDescription): boolean {
  return JSON.stringify(Object.entries(key)) === JSON.stringify(Object.entries(wanted.key));
}

function indexInTheWay(
  { collectionName, dbName }: Collection,
  there: IndexDescriptionInfo,
  wanted: IndexDescription,
): IndexInTheWay {
  const { name = '' } = there;
  const why = differences(there, wanted).join(', ');
  return new IndexInTheWay(
    collectionName,
    name,
    `${why}, and luma-sync needs ${wanted.unique === true ? 'a unique index' : 'an index'} on ` +
      `${JSON.stringify(wanted.key)} – drop it in mongosh, in database ${dbName}, and start again: ` +
      dropIndex(collectionName, name),
  );
}

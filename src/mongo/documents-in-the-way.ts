import { type Collection, ObjectId } from 'mongodb';
import { DocumentsInTheWay } from './in-the-way.js';

/** Documents that share the fields' values with another one; those that lack a field apart from the others. */
interface Sharing {
  _id: { lacking: boolean };
  documents: number;
  one: unknown;
}

/** Says which documents make a unique index on these fields impossible: how many, one of them, and how to see them. */
export async function documentsInTheWay(
  collection: Collection,
  fields: readonly string[],
): Promise<DocumentsInTheWay> {
  return inWords(collection, fields, await readSharing(collection, fields));
}

/** The same ahead of the index; `null`: no documents are. */
export async function findDocumentsInTheWay(
  collection: Collection,
  fields: readonly string[],
): Promise<DocumentsInTheWay | null> {
  const sharing = await readSharing(collection, fields);
  return sharing.length === 0 ? null : inWords(collection, fields, sharing);
}

async function readSharing(collection: Collection, fields: readonly string[]): Promise<Sharing[]> {
  return await collection
    .aggregate<Sharing>(
      [
        {
          $group: {
            // As in an index: what is absent is `null`.
            _id: Object.fromEntries(fields.map((field) => [field, { $ifNull: [`$${field}`, null] }])),
            documents: { $sum: 1 },
            one: { $first: '$_id' },
          },
        },
        { $match: { documents: { $gt: 1 } } },
        {
          $group: {
            _id: { lacking: { $or: fields.map((field) => ({ $eq: [`$_id.${field}`, null] })) } },
            documents: { $sum: '$documents' },
            one: { $first: '$one' },
          },
        },
      ],
      { allowDiskUse: true },
    )
    .toArray();
}

function inWords(
  collection: Collection,
  fields: readonly string[],
  sharing: readonly Sharing[],
): DocumentsInTheWay {
  const lacking = sharing.find(({ _id }) => _id.lacking);
  const twice = sharing.find(({ _id }) => !_id.lacking);

  const { collectionName: name, dbName } = collection;
  const look = `look at them in mongosh, in database ${dbName}: db.${name}.`;
  const reasons: string[] = [];
  if (lacking !== undefined) {
    const nulls = fields.map((field) => `{ ${field}: null }`).join(', ');
    reasons.push(
      `${lacking.documents} have no ${fields.join(' or no ')}${example(lacking.one)} – ` +
        `${look}find({ $or: [${nulls}] }), and move them to another collection or delete them`,
    );
  }
  if (twice !== undefined || lacking === undefined) {
    const group = `{ ${fields.map((field) => `${field}: "$${field}"`).join(', ')} }`;
    reasons.push(
      `${twice?.documents ?? 'some'} have the same ${fields.join(' and ')} as another${example(twice?.one)} – ` +
        `${look}aggregate([{ $group: { _id: ${group}, documents: { $push: "$_id" } } }, ` +
        `{ $match: { "documents.1": { $exists: true } } }]), and leave one of each`,
    );
  }
  return new DocumentsInTheWay(name, reasons.join('; '));
}

/** An id as mongosh takes it. A text may be anybody's data: only what looks like an id is shown. */
function example(id: unknown): string {
  if (id instanceof ObjectId) return `, one has the _id ObjectId("${id.toHexString()}")`;
  if (typeof id === 'number') return `, one has the _id ${id}`;
  if (typeof id === 'string' && /^[\w-]{1,64}$/.test(id)) return `, one has the _id "${id}"`;
  return '';
}

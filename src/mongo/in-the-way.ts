/** An index of somebody else, or of another version, is where one of this program's has to be. */
export class IndexInTheWay extends Error {
  override readonly name = 'IndexInTheWay';

  constructor(
    readonly collection: string,
    readonly index: string,
    /** What is wrong with it, and the command that helps. */
    reason: string,
  ) {
    super(`the index ${JSON.stringify(index)} of ${collection} is in the way: ${reason}`);
  }
}

/** Documents that are there already make a unique index impossible. */
export class DocumentsInTheWay extends Error {
  override readonly name = 'DocumentsInTheWay';

  constructor(
    readonly collection: string,
    /** How many there are of which kind, and the commands that show them. */
    reason: string,
  ) {
    super(`documents of ${collection} are in the way of a unique index: ${reason}`);
  }
}

/** A unique index that is not this program's keeps an event from being stored. */
export class ForeignIndexConflict extends Error {
  override readonly name = 'ForeignIndexConflict';

  constructor(
    readonly collection: string,
    readonly index: string,
    /** The fields that it wants to be unique. */
    fields: readonly string[],
  ) {
    super(
      `the unique index ${JSON.stringify(index)} of ${collection} keeps an event from being stored, because ` +
        `another document has the same ${fields.join(' and ')} – drop it in mongosh: ${dropIndex(collection, index)}`,
    );
  }
}

/** The mongosh command that drops an index. */
export function dropIndex(collection: string, index: string): string {
  return `db.${collection}.dropIndex(${JSON.stringify(index)})`;
}

import type { ClientSession, Collection, Db } from 'mongodb';

/** Where the process dies, as seen from the database. */
export interface CrashPoint {
  /**
   * The write that it dies at, counted from 1. Writes of one transaction count as one, its first: whichever of them the
   * process dies at, none is kept.
   */
  write: number;
  /** Counts only writes to this collection; absent: all. */
  collection?: string;
  /** Before it, after it, or with a bulk half done. */
  when: 'before' | 'midway' | 'after';
}

/** What a write throws that the process did not live to make, or to hear of. */
export class Crashed extends Error {
  override readonly name = 'Crashed';
}

const WRITES = new Set<PropertyKey>([
  ...['insertOne', 'insertMany', 'updateOne', 'updateMany', 'replaceOne', 'bulkWrite'],
  ...['deleteOne', 'deleteMany', 'findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'],
]);

/** A database whose writes can be cut off at any point. Reads pass, also those of a dead process: nobody hears them. */
export class CrashingDb {
  /** For stores: the same database, under watch. */
  readonly db: Db;
  private writes = 0;
  private transaction: unknown = null;
  private point: CrashPoint | null = null;
  private dead = false;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(db: Db) {
    this.db = watched(db, (name, value) =>
      name === 'collection' ? (collection: string) => this.collection(db.collection(collection)) : value,
    );
  }

  /** The next crash, from now on; `null`: none. */
  plan(point: CrashPoint | null): void {
    this.point = point;
    this.writes = 0;
    this.transaction = null;
  }

  /**
   * Whether the process died since the last call. It is alive again afterwards; what it had asked for has then come
   * to its end.
   */
  async revive(): Promise<boolean> {
    await Promise.allSettled(this.underWay);
    const died = this.dead;
    this.dead = false;
    return died;
  }

  private collection(collection: Collection): Collection {
    return watched(collection, (name, value) => {
      if (!WRITES.has(name)) return value;
      const call = value as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => {
        const done = this.write(
          { collection: collection.collectionName, transaction: transactionOf(args) },
          (cut) => call.apply(collection, cut ? [half(args[0]), ...args.slice(1)] : args),
          name === 'bulkWrite',
        );
        this.underWay.add(done);
        const over = () => void this.underWay.delete(done);
        done.then(over, over);
        return done;
      };
    });
  }

  private async write(
    { collection, transaction }: { collection: string; transaction: unknown },
    call: (cut: boolean) => Promise<unknown>,
    isBulk: boolean,
  ): Promise<unknown> {
    if (this.dead) throw new Crashed();
    const { point } = this;
    if ((point?.collection ?? collection) !== collection) return await call(false);
    const isFirst = transaction === null || transaction !== this.transaction;
    this.transaction = transaction;
    if (!isFirst) return await call(false);
    this.writes++;
    if (point?.write !== this.writes) return await call(false);
    this.point = null;
    this.dead = true;
    if (point.when === 'midway' && isBulk) await call(true);
    if (point.when === 'after') await call(false);
    throw new Crashed();
  }
}

/** What tells one transaction from another; `null`: none. */
function transactionOf(args: readonly unknown[]): unknown {
  const { session } = (args.at(-1) ?? {}) as { session?: ClientSession };
  if (session?.inTransaction() !== true) return null;
  return `${session.id?.id.toString('hex') ?? ''} ${String(session.serverSession.txnNumber)}`;
}

/** The first operations of a bulk; of a single one, none is half. */
function half(operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new TypeError('not a bulk');
  return operations.slice(0, Math.max(1, Math.floor(operations.length / 2)));
}

function watched<T extends object>(target: T, get: (name: PropertyKey, value: unknown) => unknown): T {
  return new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target);
      const bound =
        typeof value === 'function' && !WRITES.has(name) ? (value.bind(target) as unknown) : value;
      return get(name, bound);
    },
  });
}

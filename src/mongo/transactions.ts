import type { Db } from 'mongodb';
import { guarded } from './errors.js';

/** The MongoDB cannot do transactions, which every sync needs. The message says what to do. */
export class TransactionsMissing extends Error {
  override readonly name = 'TransactionsMissing';
}

/**
 * Makes sure that this MongoDB can do transactions: it has to be a member of a replica set, or sharded.
 * @throws TransactionsMissing, StoreUnavailable
 */
export async function requireTransactions(db: Db): Promise<void> {
  const hello = await guarded('asking what kind of server it is', () => db.command({ hello: 1 }));
  if (hello.msg === 'isdbgrid' || typeof hello.setName === 'string') return;
  throw new TransactionsMissing(
    hello.isreplicaset === true
      ? 'this MongoDB waits to become a replica set – run in mongosh, once: rs.initiate()'
      : 'this MongoDB is a single server, and transactions need a replica set (of one member is enough) – start mongod with --replSet rs0, then run in mongosh, once: rs.initiate()',
  );
}

import { type ClientSession, type MongoClient, type TransactionOptions, WriteConcern } from 'mongodb';

/** All reads see one instant; what is committed stays, whichever server is lost. */
export const TRANSACTION: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: new WriteConcern('majority'),
  readPreference: 'primary',
};

/**
 * Runs reads and writes as one: all of them happen, or none. A conflict with another transaction runs the work again,
 * so it may have no other effects, and has to let the driver's errors through as they are.
 */
export async function inTransaction<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  return await client.withSession((session) => session.withTransaction(() => work(session), TRANSACTION));
}

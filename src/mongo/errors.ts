import { MongoBulkWriteError, MongoError, MongoServerError } from 'mongodb';

/**
 * MongoDB cannot be reached, or refuses. Carries the operation and the driver's code only: driver errors hold
 * whole documents, and their messages hold values.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  constructor(
    readonly operation: string,
    readonly reason: string,
  ) {
    super(`MongoDB: ${operation} failed (${reason})`);
  }
}

/** No organization has this id. */
export class OrgNotFound extends Error {
  override readonly name = 'OrgNotFound';
  constructor(readonly orgId: string) {
    super(`no organization ${JSON.stringify(orgId)}`);
  }
}

/** An organization with this id is there already. */
export class OrgAlreadyExists extends Error {
  override readonly name = 'OrgAlreadyExists';
  constructor(readonly orgId: string) {
    super(`organization ${JSON.stringify(orgId)} is there already`);
  }
}

/** Runs a driver call and rebuilds whatever the driver throws as a {@link StoreUnavailable}. */
export async function guarded<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // Inside a transaction, whoever runs it tries again: see fence.ts.
    throw isTransient(error) ? error : rebuilt(operation, error);
  }
}

/** The error to throw for what the driver threw. */
export function rebuilt(operation: string, error: unknown): unknown {
  if (error instanceof MongoError) return new StoreUnavailable(operation, driverReason(error));
  // The driver lets what a look-up of `mongodb+srv` hosts throws through as it is.
  const code = dnsCode(error);
  return code === undefined ? error : new StoreUnavailable(operation, code);
}

/** The transaction met another one, or a server that steps down: the whole of it may be tried again. */
export function isTransient(error: unknown): error is MongoError {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}

/** Every failed write of a bulk is a duplicate key: another writer was there first. */
export function isDuplicateKey(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError) {
    const failed = [error.writeErrors].flat();
    return failed.length > 0 && failed.every((one) => one.code === DUPLICATE_KEY);
  }
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

const DUPLICATE_KEY = 11000;

function driverReason(error: MongoError): string {
  const code = error instanceof MongoServerError ? (error.codeName ?? error.code) : error.code;
  return code === undefined ? error.name : `${error.name}, ${String(code)}`;
}

function dnsCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

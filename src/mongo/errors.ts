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
    if (error instanceof MongoError) throw new StoreUnavailable(operation, driverReason(error));
    // The driver lets what a look-up of `mongodb+srv` hosts throws through as it is.
    const code = dnsCode(error);
    if (code !== undefined) throw new StoreUnavailable(operation, code);
    throw error;
  }
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

import {
  BSON,
  MongoAPIError,
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoCompatibilityError,
  MongoError,
  MongoExpiredSessionError,
  MongoInvalidArgumentError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';
import { DocumentTooLarge, StoreMisused, StoreUnavailable } from './store-errors.js';

// They are told apart without the driver too.
export * from './store-errors.js';

/**
 * Runs a driver call and rebuilds whatever the driver throws, without its message and its cause.
 * @throws StoreUnavailable, DocumentTooLarge, StoreMisused; what is not the driver's as it is
 */
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
  if (isTooLarge(error)) return new DocumentTooLarge(operation);
  if (isMisuse(error)) return new StoreMisused(operation, reasonOf(error));
  if (isDriverError(error) || BSON.BSONError.isBSONError(error) || systemCode(error) !== undefined) {
    return new StoreUnavailable(operation, reasonOf(error));
  }
  return error;
}

/** The transaction met another one, or a server that steps down: the whole of it may be tried again. */
function isTransient(error: unknown): error is MongoError {
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

/**
 * The name of the index that a driver's duplicate key error is about; of a bulk's, the first one.
 * `undefined` for every other error.
 */
export function duplicateKeyIndex(error: unknown): string | undefined {
  if (!(error instanceof MongoServerError)) return undefined;
  const failed = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  const message =
    failed.length > 0
      ? failed.find(({ code }) => code === DUPLICATE_KEY)?.errmsg
      : error.code === DUPLICATE_KEY
        ? error.message
        : undefined;
  // Values follow behind `dup key:`, so that the first match is the server's own word.
  return message === undefined ? undefined : /\bindex: (.+?) dup key: /.exec(message)?.[1];
}

const DUPLICATE_KEY = 11000;

/** BSONObjectTooLarge, and what updates that make a document too large say instead. */
const TOO_LARGE = new Set<unknown>([10334, 17419, 17420]);

function isTooLarge(error: unknown): boolean {
  // The driver writes a document into a buffer of the largest size, and runs over its end.
  if (error instanceof RangeError) return 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
  if (error instanceof MongoInvalidArgumentError) return /larger than the maximum/i.test(error.message);
  if (!(error instanceof MongoServerError)) return false;
  // An insert that is too large has the general code BadValue.
  return TOO_LARGE.has(error.code) || (error.code === 2 && /too large/i.test(error.message));
}

/** BadValue, FailedToParse, TypeMismatch, PathNotViable, ConflictingUpdateOperators, DollarPrefixedFieldName. */
const BAD_REQUESTS = new Set<unknown>([2, 9, 14, 28, 40, 52]);

function isMisuse(error: unknown): boolean {
  if (error instanceof MongoServerError) return BAD_REQUESTS.has(error.code);
  return error instanceof MongoAPIError && !CLOSED.some((kind) => error instanceof kind);
}

/** The driver counts these as wrong use; here they are connections that ended, and servers that cannot serve. */
const CLOSED = [
  MongoClientClosedError,
  MongoCompatibilityError,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
];

/** Also of another copy of the driver: who reads events brings the database along. */
function isDriverError(error: unknown): error is Error {
  return error instanceof MongoError || (error instanceof Error && /^Mongo[A-Z]/.test(error.name));
}

/** Classes and codes only: messages quote values. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const index = duplicateKeyIndex(error);
  const name = isDriverError(error) || BSON.BSONError.isBSONError(error) ? error.name : undefined;
  const reason = [name, codeOf(error) ?? codeBehind(error)].filter((part) => part !== undefined).join(', ');
  return index === undefined ? reason : `${reason} on the index ${index}`;
}

function codeOf(error: Error): string | undefined {
  const code = error instanceof MongoServerError ? (error.codeName ?? error.code) : systemCode(error);
  if (code !== undefined) return String(code);
  return error instanceof MongoError && error.code !== undefined ? String(error.code) : undefined;
}

/** What the network said below a driver's error: its code, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
function codeBehind(error: Error): string | undefined {
  let below: unknown = error.cause;
  for (let depth = 0; below instanceof Error && depth < 5; depth++) {
    const code = systemCode(below);
    if (code !== undefined) return isTls(code) ? `TLS: ${code}` : code;
    below = below.cause;
  }
  return undefined;
}

/** The code of an error of Node's: sockets, TLS, streams, DNS, files. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code } = error;
  return /^E[A-Z]+(_[A-Z]+)*$/.test(code) || isTls(code) ? code : undefined;
}
function isTls(code: string): boolean {
  return /CERT|SELF_SIGNED|_SSL_|_TLS_|UNABLE_TO_|CRL_/.test(code);
}

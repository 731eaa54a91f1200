import type { MongoClientOptions } from 'mongodb';

/** How long the other members of a replica set get to take over a write. */
const WRITE_CONCERN_TIMEOUT_MS = 5_000;

/**
 * Switches the driver's own logging off. Its environment variables (`MONGODB_LOG_ALL`, `MONGODB_LOG_PATH`, …) would
 * print whole commands and answers, and so the keys in them.
 */
const SILENT: MongoClientOptions = {
  mongodbLogComponentSeverities: {
    ...{ command: 'off', topology: 'off', serverSelection: 'off', connection: 'off', client: 'off' },
    default: 'off',
  },
  mongodbLogPath: { write: () => undefined },
};

export interface DriverLimits {
  /** How long to look for a server, ms. */
  connectTimeoutMs: number;
  /** How long one attempt of a command may go without an answer, ms; 0: without end. */
  socketTimeoutMs: number;
}

/** What the product needs of MongoDB, whatever a connection string says. */
export function driverOptions({ connectTimeoutMs, socketTimeoutMs }: DriverLimits): MongoClientOptions {
  return {
    ...SILENT,
    appName: 'luma-sync',
    ignoreUndefined: true,
    // A secondary may lack what was written a moment ago.
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    // An acknowledged write outlives the loss of the primary.
    writeConcern: { w: 'majority', wtimeoutMS: WRITE_CONCERN_TIMEOUT_MS },
    retryReads: true,
    retryWrites: true,
    serverSelectionTimeoutMS: connectTimeoutMs,
    connectTimeoutMS: connectTimeoutMs,
    socketTimeoutMS: socketTimeoutMs,
    waitQueueTimeoutMS: connectTimeoutMs + socketTimeoutMs,
  };
}

/** Options of a connection string that are the product's to decide, in small letters. */
const DECIDED_HERE = new Set([
  ...['readpreference', 'readpreferencetags', 'maxstalenessseconds', 'readconcern', 'readconcernlevel'],
  ...['w', 'wtimeout', 'wtimeoutms', 'writeconcern', 'j', 'journal', 'fsync', 'retryreads', 'retrywrites'],
  ...['connecttimeoutms', 'sockettimeoutms', 'timeoutms', 'serverselectiontimeoutms', 'waitqueuetimeoutms'],
  ...['heartbeatfrequencyms', 'minheartbeatfrequencyms', 'localthresholdms', 'servermonitoringmode'],
  ...['maxpoolsize', 'minpoolsize', 'maxconnecting', 'maxidletimems', 'waitqueuemultiple'],
  ...['maxadaptiveretries', 'enableoverloadretargeting', 'appname', 'compressors', 'zlibcompressionlevel'],
  ...['bsonregexp', 'checkkeys', 'fieldsasraw', 'forceserverobjectid', 'ignoreundefined', 'pkfactory'],
  ...['promotebuffers', 'promotelongs', 'promotevalues', 'raw', 'serializefunctions', 'usebigint64'],
  ...['enableutf8validation', 'monitorcommands', 'nodelay', 'keepalive', 'keepaliveinitialdelay'],
  ...['mongodblogpath', 'mongodblogcomponentseverities', 'mongodblogmaxdocumentlength'],
]);

/**
 * A connection string without the options that are decided here. What stays says where MongoDB is and who asks:
 * hosts, credentials, TLS, proxy, replica set. Names that the driver does not know stay too, for it to refuse.
 */
export function withoutDecided(uri: string): string {
  const at = uri.indexOf('?');
  if (at === -1) return uri;
  const kept = uri
    .slice(at + 1)
    .split('&')
    .filter((option) => !DECIDED_HERE.has(option.replace(/=.*$/s, '').toLowerCase()));
  return kept.length === 0 ? uri.slice(0, at) : `${uri.slice(0, at)}?${kept.join('&')}`;
}

import { ConfigError } from './config-error.js';
import { DEFAULTS } from './settings.js';

export interface MongoSettings {
  /** May hold a password: for the driver only, never for a message. */
  uri: string;
  db: string;
}

/** @throws ConfigError */
export function readMongo(set: Record<string, string>): MongoSettings {
  const uri = set.MONGODB_URI;
  if (uri === undefined) {
    throw new ConfigError([
      'MONGODB_URI is not set – set it to your MongoDB, like mongodb://127.0.0.1:27017/luma_sync (`npm run dev` in the repository starts one)',
    ]);
  }
  return { uri, db: set.MONGODB_DB ?? databaseIn(uri) ?? DEFAULTS.database };
}

const MONGO_URI = /^mongodb(?:\+srv)?:\/\/(?:[^@/?]*@)?[^@/?]+(?:\/([^?/]*))?(?:\?.*)?$/s;

/** What is wrong with a connection string, without quoting it; `undefined`: nothing. */
export function mongoUriProblem(uri: string): string | undefined {
  if (!/^mongodb(\+srv)?:\/\//.test(uri)) {
    return 'does not begin with mongodb:// or mongodb+srv:// – write it like mongodb://127.0.0.1:27017/luma_sync';
  }
  if (!MONGO_URI.test(uri) || /\s/.test(uri)) {
    return 'is not an address – write it like mongodb://user:password@host:27017/database, with @ : / ? in a password percent-encoded';
  }
  const db = databaseIn(uri);
  return db === undefined || isDatabaseName(db)
    ? undefined
    : 'names a database that cannot exist – use up to 63 letters, digits, _ or -';
}

/** The database that a connection string names. */
function databaseIn(uri: string): string | undefined {
  const name = MONGO_URI.exec(uri)?.[1];
  if (name === undefined || name === '') return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function isDatabaseName(name: string): boolean {
  return /^[^/\\. "$*<>:|?\0%]{1,63}$/.test(name);
}

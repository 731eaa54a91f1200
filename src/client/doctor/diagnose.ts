import { processEnvironment } from '../../config.js';
import { connectStore, type Store } from '../../mongo/store.js';
import { anyLumaKey } from '../../mongo/stored-keys.js';
import { TookTooLong, within } from '../../within.js';
import { deploymentNames } from '../../workflows/contract.js';
import { type Check, fail, type Part, type PartCheck, warn } from './check.js';
import { checkKeyring } from './keyring.js';
import { checkLuma, type LumaKeySource } from './luma.js';
import { checkMongo } from './mongodb.js';
import { checkProgram } from './program.js';
import { checkSettings, type UsableSettings } from './settings.js';
import { checkTemporal } from './temporal.js';
import { checkWebhooks } from './webhooks.js';

export interface DiagnoseOptions {
  /** Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Creates indexes that are missing, and the search attribute. Default false: nothing is changed. */
  fix?: boolean;
}

export interface Diagnosis {
  /** The worst of all checks. */
  status: Check['status'];
  checks: Check[];
}

/** Nothing answers: it is told within ten seconds, the start and the end of a process included. */
const CONNECT_MS = 3_000;
const LIMIT_MS = 7_000;
const REQUEST_MS = 3_000;
/** So long Luma's part waits for a key from MongoDB. */
const KEY_MS = 3_500;
/** An index on many documents takes its time. */
const FIX_LIMIT_MS = 900_000;

/**
 * Looks at everything that syncs need: settings, Temporal, MongoDB, key ring, Luma, this program. The parts are looked at
 * side by side, and one that does not answer keeps no other from being looked at. Never throws for what it finds.
 */
export async function diagnose({
  env = processEnvironment(),
  fix = false,
}: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { checks, settings } = checkSettings(env);
  const { temporal, mongo, keyring, luma, publicUrl, scope } = settings;
  const limitMs = fix ? FIX_LIMIT_MS : LIMIT_MS;
  const connecting =
    mongo === undefined
      ? undefined
      : connectStore({ ...mongo, connectTimeoutMs: CONNECT_MS, socketTimeoutMs: CONNECT_MS });
  connecting?.catch(() => undefined);
  const unusable = (what: string) =>
    Promise.resolve([
      warn('settings', `not checked: ${what} cannot be used`, { remedy: 'put the settings right first' }),
    ]);
  try {
    const parts = await Promise.all([
      part('settings', Promise.resolve(checks), limitMs),
      part('program', Promise.resolve(checkProgram()), limitMs),
      part(
        'temporal',
        temporal === undefined
          ? unusable('TEMPORAL_*')
          : checkTemporal(temporal, { names: deploymentNames(scope), connectTimeoutMs: CONNECT_MS, fix }),
        limitMs,
      ),
      part(
        'mongodb',
        connecting === undefined ? unusable('MONGODB_URI') : checkMongo(connecting, { fix }),
        limitMs,
      ),
      part(
        'keyring',
        keyring === undefined || connecting === undefined
          ? unusable(keyring === undefined ? 'the key ring' : 'MONGODB_URI')
          : checkKeyring(connecting, keyring, { limitMs: LIMIT_MS - CONNECT_MS - 1_000 }),
        limitMs,
      ),
      part(
        'luma',
        luma === undefined
          ? unusable('LUMA_BASE_URL or a proxy')
          : checkLuma(luma, {
              key: within(KEY_MS, keyToTry(settings, connecting)).catch(() => null),
              feed: within(KEY_MS, feedToRead(connecting)).catch(() => null),
              timeoutMs: REQUEST_MS,
            }),
        limitMs,
      ),
      part(
        'webhooks',
        connecting === undefined
          ? unusable('MONGODB_URI')
          : checkWebhooks(connecting, { publicUrl, timeoutMs: REQUEST_MS }),
        limitMs,
      ),
    ]);
    const all = parts.flat();
    return { status: worst(all), checks: all };
  } finally {
    // Not waited for where it still looks for a server.
    void connecting?.then((store) => store.close()).catch(() => undefined);
  }
}

async function part(name: Part, checking: Promise<PartCheck[]>, limitMs: number): Promise<Check[]> {
  const checks = await within(limitMs, checking).catch((error: unknown) => {
    if (!(error instanceof TookTooLong)) throw error;
    const message = `no answer within ${Math.round(limitMs / 1000)} s`;
    return [fail('answer', message, { remedy: 'check that it runs, and the network and DNS on the way' })];
  });
  return checks.map((check) => ({ part: name, ...check }));
}

/** The key of the settings, else one that is stored. */
async function keyToTry(
  { lumaApiKey, keyring }: UsableSettings,
  connecting: Promise<Store> | undefined,
): Promise<LumaKeySource | null> {
  if (lumaApiKey !== undefined) return { of: 'LUMA_API_KEY', apiKey: lumaApiKey };
  if (keyring === undefined || connecting === undefined) return null;
  try {
    const found = await anyLumaKey((await connecting).db, keyring);
    return found === null ? null : { of: found.orgId, apiKey: found.apiKey };
  } catch {
    // What is wrong with MongoDB is said in its own part.
    return null;
  }
}

/** Of an organization whose last sync went well, where there is one. */
async function feedToRead(connecting: Promise<Store> | undefined) {
  return connecting === undefined ? null : await (await connecting).organizations.anyFeed();
}

function worst(checks: readonly Check[]): Check['status'] {
  const found = new Set(checks.map(({ status }) => status));
  return found.has('fail') ? 'fail' : found.has('warn') ? 'warn' : 'pass';
}

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config, ConfigParts, MongoSettings, TemporalSettings } from '../../config.js';
import { type CalendarSpec, type FakeLuma, startFakeLuma } from '../../fake-luma/index.js';
import { defaultCacheDir, startLocalServers } from '../../local/index.js';
import { generateKeyring, type Keyring, parseKeyring } from '../../secrets/keyring.js';
import { type End, endAll } from './end-all.js';

export interface SurroundingsOptions {
  /** Servers that somebody else runs; what is absent is started here. */
  external: { temporal?: TemporalSettings; mongo?: MongoSettings; keyring?: Keyring } & HowToAskLuma;
  lumaBaseUrl: string;
  /** Calendars of a fake Luma, started here; without them `lumaBaseUrl` is asked. */
  calendars?: readonly CalendarSpec[];
  /** Name of the database on a MongoDB that is started here. */
  db: string;
  ui?: boolean;
  /** Keeps the servers' data and the key ring in this folder. Without it everything goes with the servers. */
  dataDir?: string;
  env: NodeJS.ProcessEnv;
  onProgress: (message: string) => void;
}

/** For a real Luma; a fake one that is started here is asked directly. */
type HowToAskLuma = Pick<Config, 'lumaAllowHttp'> & Partial<Pick<ConfigParts, 'lumaProxies'>>;

/** Everything a worker needs around it: what `demo` and `dev` run on. */
export interface Surroundings extends Omit<Config, 'logLevel'>, HowToAskLuma {
  /** Set where a key ring was made here: for another terminal. */
  keyringFile?: string;
  uiUrl?: string;
  fake?: FakeLuma;
  /** Ends what was started here and removes what was not to be kept. */
  stop(): Promise<void>;
}

export async function startSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { external, calendars, dataDir, env, onProgress } = options;
  const keyring = external.keyring === undefined ? await ownKeyring(dataDir) : { keyring: external.keyring };
  const stops: End[] = [() => keyring.remove?.() ?? Promise.resolve()];
  const stop = () => endAll(stops);
  try {
    const servers = await startLocalServers({
      cacheDir: defaultCacheDir(),
      env,
      onProgress,
      ...(dataDir === undefined ? {} : { dataDir: resolve(dataDir) }),
      temporal: {
        ui: options.ui ?? false,
        ...(external.temporal === undefined ? {} : { address: external.temporal.address }),
      },
      mongo: external.mongo === undefined ? {} : { uri: external.mongo.uri },
    });
    stops.push(() => servers.stop());
    const fake = calendars === undefined ? undefined : await startFakeLuma({ calendars });
    if (fake !== undefined) stops.push(() => fake.close());
    const { address, namespace, uiUrl } = servers.temporal;
    return {
      temporal: external.temporal ?? { address, namespace, connectionOptions: { address } },
      mongo: external.mongo ?? { uri: servers.mongo.uri, db: options.db },
      lumaBaseUrl: fake?.url ?? options.lumaBaseUrl,
      ...(external.lumaAllowHttp === undefined ? {} : { lumaAllowHttp: external.lumaAllowHttp }),
      ...(fake === undefined ? { lumaProxies: external.lumaProxies } : {}),
      keyring: keyring.keyring,
      ...('file' in keyring ? { keyringFile: keyring.file } : {}),
      ...(uiUrl === undefined ? {} : { uiUrl }),
      ...(fake === undefined ? {} : { fake }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface OwnKeyring {
  keyring: Keyring;
  file?: string;
  remove?: () => Promise<void>;
}

/** A key ring of its own, readable by this user only; kept beside the data that it opens. */
async function ownKeyring(dataDir: string | undefined): Promise<OwnKeyring> {
  const dir = dataDir === undefined ? await mkdtemp(join(tmpdir(), 'luma-sync-')) : resolve(dataDir);
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'luma-sync.keyring');
  const kept = dataDir === undefined ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  const text = kept ?? generateKeyring();
  if (kept === undefined) await writeFile(file, `${text}\n`, { mode: 0o600 });
  return {
    keyring: parseKeyring(text),
    file,
    ...(dataDir === undefined ? { remove: () => rm(dir, { recursive: true, force: true }) } : {}),
  };
}

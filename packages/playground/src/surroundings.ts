import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config, ConfigParts, MongoSettings, TemporalSettings } from '../../../src/config.js';
import { type CalendarSpec, type FakeLuma, startFakeLuma } from '../../fake-luma/src/index.js';
import { defaultCacheDir, startLocalServers } from './servers/index.js';
import { generateKeyring, type Keyring, parseKeyring } from '../../../src/secrets/keyring.js';
import type { DeploymentNames } from '../../../src/workflows/contract.js';
import { checkTemporal } from './check-temporal.js';
import type { End } from './end-all.js';
import { endSyncs } from './end-syncs.js';
import { claimDatabase } from './own-database.js';
import { ownPlace, type PlaygroundCommand } from './own-place.js';

export interface SurroundingsOptions {
  command: PlaygroundCommand;
  /** Servers that somebody else runs; what is absent is started here. Their database is not used. */
  external: { temporal?: TemporalSettings; mongo?: MongoSettings } & HowToAskLuma;
  lumaBaseUrl: string;
  /** Calendars of a fake Luma, started here; without them `lumaBaseUrl` is asked. */
  calendars?: readonly CalendarSpec[];
  ui?: boolean;
  /** Keeps the data of the servers started here, and the key ring, in this folder. Without it everything goes. */
  dataDir?: string;
  env: NodeJS.ProcessEnv;
  onProgress: (message: string) => void;
  /** Is told of each thing that is made how to end it, as soon as it is there. Throws where nothing more is to be made. */
  onEnd: (end: End) => void;
}

/** For a real Luma; a fake one that is started here is asked directly. */
type HowToAskLuma = Pick<Config, 'lumaAllowHttp'> & Partial<Pick<ConfigParts, 'lumaProxies'>>;

/** Everything a worker needs around it: what `demo` and `dev` run on. */
export interface Surroundings extends Omit<Config, 'logLevel'>, HowToAskLuma {
  names: DeploymentNames;
  /** For another terminal. */
  keyringFile: string;
  uiUrl?: string;
  fake?: FakeLuma;
  /** Deletes the schedule and ends what runs, before the worker stops. */
  endSyncs(): Promise<void>;
}

/** @throws where a server cannot be had, or nothing made on somebody's server could be removed again */
export async function startSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { command, external, calendars, dataDir, env, onProgress, onEnd } = options;
  const place = ownPlace(command, external);
  const { scope, names, db } = place;
  if (external.temporal !== undefined) await checkTemporal(external.temporal, place);
  if (external.mongo !== undefined) onEnd(await claimDatabase({ uri: external.mongo.uri, db }, command));
  if (scope !== undefined) {
    const database = external.mongo === undefined ? '' : `, its database ${db}`;
    onProgress(`Everything made on servers of yours is called ${scope}${database}; it is removed at the end`);
  }
  const keyring = await ownKeyring(dataDir);
  onEnd(() => keyring.remove());
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
  onEnd(() => servers.stop());
  const fake = calendars === undefined ? undefined : await startFakeLuma({ calendars });
  if (fake !== undefined) onEnd(() => fake.close());
  const { address, namespace, uiUrl } = servers.temporal;
  const temporal = external.temporal ?? { address, namespace, connectionOptions: { address } };
  return {
    temporal,
    mongo: { uri: servers.mongo.uri, db },
    lumaBaseUrl: fake?.url ?? options.lumaBaseUrl,
    ...(external.lumaAllowHttp === undefined ? {} : { lumaAllowHttp: external.lumaAllowHttp }),
    ...(fake === undefined ? { lumaProxies: external.lumaProxies } : {}),
    keyring: keyring.keyring,
    keyringFile: keyring.file,
    names,
    ...(scope === undefined ? {} : { scope }),
    ...(uiUrl === undefined ? {} : { uiUrl }),
    ...(fake === undefined ? {} : { fake }),
    // On servers of its own that go or are kept as a whole, nothing is in anybody's way.
    endSyncs: () => (scope === undefined ? Promise.resolve() : endSyncs(temporal, names)),
  };
}

interface OwnKeyring {
  keyring: Keyring;
  file: string;
  remove: () => Promise<void>;
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
    remove: () => (dataDir === undefined ? rm(dir, { recursive: true, force: true }) : Promise.resolve()),
  };
}

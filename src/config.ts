import { isIP } from 'node:net';
import { join } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { databaseIn, isDatabaseName, mongoUriProblem } from './config/mongo-uri.js';
import { DEFAULT_LUMA_BASE_URL, isOpenToReaders } from './luma/base-url.js';
import { isLumaKey } from './luma/key.js';
import { type ProxySettings, readProxySettings } from './luma/proxy-settings.js';
import { parseWebUrl } from './parse-url.js';
import { KeyringInvalid } from './secrets/errors.js';
import { loosePermissions } from './secrets/keyring-file.js';
import { loadKeyring, type Keyring, type KeyringSource } from './secrets/keyring.js';

/** One line of the settings table, which `luma-sync --help` and the README show. */
export interface Setting {
  name: string;
  meaning: string;
  default?: string;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const DEFAULT_DB = 'luma_sync';
const DEFAULT_TEMPORAL_ADDRESS = '127.0.0.1:7233';
const DEFAULT_TEMPORAL_NAMESPACE = 'default';

export const SETTINGS: readonly Setting[] = [
  {
    name: 'TEMPORAL_ADDRESS',
    meaning: 'Temporal server, host:port',
    default: DEFAULT_TEMPORAL_ADDRESS,
  },
  { name: 'TEMPORAL_NAMESPACE', meaning: 'namespace on it', default: DEFAULT_TEMPORAL_NAMESPACE },
  {
    name: 'TEMPORAL_*',
    meaning: 'API key, TLS, profile and config file, as the Temporal CLI reads them',
  },
  { name: 'MONGODB_URI', meaning: 'MongoDB, mongodb:// or mongodb+srv://' },
  {
    name: 'MONGODB_DB',
    meaning: 'database',
    default: `the one in MONGODB_URI, else ${DEFAULT_DB}`,
  },
  {
    name: 'LUMA_SYNC_KEYRING_FILE',
    meaning: "a file with the keys that seal organizations' Luma keys; `keyring new` makes one",
  },
  {
    name: 'LUMA_SYNC_KEYRING',
    meaning: 'the key ring itself instead, for secret stores: kid:base64key[,…]; the first seals',
  },
  { name: 'LUMA_BASE_URL', meaning: "Luma's API", default: DEFAULT_LUMA_BASE_URL },
  {
    name: 'LUMA_SYNC_ALLOW_HTTP',
    meaning:
      '1: LUMA_BASE_URL may begin with http:// on another machine too; Luma keys can be read on the way',
    default: '0',
  },
  {
    name: 'HTTPS_PROXY, HTTP_PROXY',
    meaning: 'HTTP proxy on the way to Luma, like http://proxy.internal:3128',
  },
  { name: 'NO_PROXY', meaning: 'hosts that are asked without the proxy, separated by commas' },
  { name: 'LUMA_API_KEY', meaning: 'a Luma key, for `orgs add`, `orgs set-key` and `demo` only' },
  {
    name: 'LUMA_SYNC_SCOPE',
    meaning: 'name of a deployment of its own beside the ordinary one: letters, digits, - (`dev` prints one)',
  },
  {
    name: 'LUMA_SYNC_METRICS_ADDR',
    meaning: 'where a worker serves Prometheus metrics, IP address:port (off by default)',
  },
  { name: 'LOG_LEVEL', meaning: LOG_LEVELS.join(', '), default: 'info' },
];

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface TemporalSettings {
  /** host:port */
  address: string;
  namespace: string;
  /** Address, TLS, API key and metadata, for a native connection as for a client's. */
  connectionOptions: ClientConnectConfig['connectionOptions'];
}

export interface MongoSettings {
  /** May hold a password: for the driver only, never for a message. */
  uri: string;
  db: string;
}

/** What a command may need besides the settings that every one gets. */
export interface ConfigParts {
  temporal: TemporalSettings;
  mongo: MongoSettings;
  keyring: Keyring;
  lumaApiKey: string | undefined;
  lumaProxies: ProxySettings | undefined;
}

export type ConfigPart = keyof ConfigParts;

interface CommonSettings {
  logLevel: LogLevel;
  /** Without a slash at its end. */
  lumaBaseUrl: string;
  /** `lumaBaseUrl` may be http: on another machine. */
  lumaAllowHttp?: true;
  /** Names a deployment of its own: `deploymentNames` makes its names. Absent: the ordinary one. */
  scope?: string;
  /** host:port of a worker's metrics; absent: none are served. */
  metricsAddress?: string;
  /** What an operator should put right though everything works. Absent: nothing. */
  warnings?: readonly string[];
}

/** The settings for somebody who asked for the parts `P`. `Config` alone: what a worker cannot do without. */
export type Config<P extends ConfigPart = 'temporal' | 'mongo' | 'keyring'> = CommonSettings &
  Pick<ConfigParts, P>;

/** Settings that cannot be used: every problem, one a line. Never contains the value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** The environment of this process, for `readConfig`: the only place that reads it. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

const mongoUri = z.string().superRefine((uri, context) => {
  const problem = mongoUriProblem(uri);
  if (problem !== undefined) context.addIssue(problem);
});

const baseUrl = z
  .string()
  .refine((text) => parseWebUrl(text) !== undefined, {
    error: `is not an http(s) address – leave it out for ${DEFAULT_LUMA_BASE_URL}`,
    abort: true,
  })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    error: 'contains a user name or password – take it out: nothing but the Luma key is sent there',
  })
  .refine((text) => new URL(text).search === '' && new URL(text).hash === '', {
    error: 'contains a query or fragment – write the address without it',
  })
  .transform((text) => text.replace(/\/+$/, ''));

const schema = z.object({
  MONGODB_URI: mongoUri.optional(),
  MONGODB_DB: z
    .string()
    .refine(isDatabaseName, { error: 'is not a database name – use up to 63 letters, digits, _ or -' })
    .optional(),
  LUMA_BASE_URL: baseUrl.default(DEFAULT_LUMA_BASE_URL),
  LUMA_SYNC_ALLOW_HTTP: z
    .stringbool({ error: 'is neither 1 nor 0 – write 1 to let Luma keys go over http://' })
    .default(false),
  LUMA_SYNC_KEYRING: z.string().optional(),
  LUMA_SYNC_KEYRING_FILE: z.string().optional(),
  LUMA_API_KEY: z
    .string()
    .trim()
    .refine(isLumaKey, { error: 'is not a Luma key – copy it again from the calendar’s settings' })
    .optional(),
  LUMA_SYNC_SCOPE: z
    .string()
    .refine(isScope, { error: 'is not a name – use up to 40 letters, digits and -, like staging' })
    .optional(),
  LUMA_SYNC_METRICS_ADDR: z
    .string()
    .refine(isIpPort, {
      error: 'is not address:port – write an IP address, like 127.0.0.1:9464 or 0.0.0.0:9464',
    })
    .optional(),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is not a log level – use one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
});

type Values = z.infer<typeof schema>;
type Name = keyof Values;

/** Which settings are looked at for a part; what nobody needs cannot stop a command. */
const PART_SETTINGS: Record<ConfigPart, readonly Name[]> = {
  temporal: [],
  mongo: ['MONGODB_URI', 'MONGODB_DB'],
  keyring: ['LUMA_SYNC_KEYRING', 'LUMA_SYNC_KEYRING_FILE'],
  lumaApiKey: ['LUMA_API_KEY'],
  lumaProxies: [],
};

/**
 * Reads the settings from an environment. A variable that is set to nothing counts as not set.
 * @param needs the parts that must be there
 * @throws ConfigError with every problem at once
 */
export function readConfig<P extends ConfigPart>(env: NodeJS.ProcessEnv, needs: readonly P[]): Config<P> {
  const set = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '').trim() !== ''),
  );
  const unread = (Object.keys(PART_SETTINGS) as ConfigPart[])
    .filter((part) => !needs.includes(part as P))
    .flatMap((part) => PART_SETTINGS[part]);
  for (const name of unread) Reflect.deleteProperty(set, name);

  const problems: string[] = [];
  for (const [name, value] of Object.entries(set)) {
    if (!holdsLineEnd(name, value, needs)) continue;
    problems.push(lineEndProblem(name, value));
    // What else is wrong with it is said of the value without them.
    set[name] = value.replace(/[\r\n]+/g, '');
  }
  const parsed = schema.safeParse(set);
  const values: Partial<Values> = parsed.success ? parsed.data : {};
  for (const issue of parsed.error?.issues ?? []) {
    problems.push(`${issue.path.join('.')} ${issue.message}`);
  }

  const attempt = <T>(wanted: ConfigPart, read: () => T): T | undefined => {
    if (!needs.includes(wanted as P)) return undefined;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const parts: Partial<ConfigParts> = {
    temporal: attempt('temporal', () => readTemporal(set, env)),
    mongo: attempt('mongo', () => readMongo(set)),
    keyring: attempt('keyring', () => readKeyring(set)),
    lumaApiKey: values.LUMA_API_KEY,
    lumaProxies: attempt('lumaProxies', () => readProxies(set)),
  };
  if (isRefusedHttp(set)) {
    problems.push(
      'LUMA_BASE_URL begins with http://, so Luma keys could be read on the way – write https://, or set LUMA_SYNC_ALLOW_HTTP=1 where the way is safe',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const file = parts.keyring === undefined ? undefined : set.LUMA_SYNC_KEYRING_FILE;
  const warning = file === undefined ? undefined : loosePermissions(file);

  return {
    logLevel: values.LOG_LEVEL ?? 'info',
    lumaBaseUrl: values.LUMA_BASE_URL ?? DEFAULT_LUMA_BASE_URL,
    ...(values.LUMA_SYNC_ALLOW_HTTP === true ? { lumaAllowHttp: true } : {}),
    ...(values.LUMA_SYNC_SCOPE === undefined ? {} : { scope: values.LUMA_SYNC_SCOPE }),
    ...(values.LUMA_SYNC_METRICS_ADDR === undefined ? {} : { metricsAddress: values.LUMA_SYNC_METRICS_ADDR }),
    ...(warning === undefined ? {} : { warnings: [warning] }),
    ...(Object.fromEntries(needs.map((part) => [part, parts[part]])) as Pick<ConfigParts, P>),
  };
}

/** Asked of the texts, so that it is said beside whatever else is wrong. */
function isRefusedHttp(set: Record<string, string>): boolean {
  const url = schema.shape.LUMA_BASE_URL.safeParse(set.LUMA_BASE_URL);
  const allowed = schema.shape.LUMA_SYNC_ALLOW_HTTP.safeParse(set.LUMA_SYNC_ALLOW_HTTP);
  return url.success && allowed.data === false && isOpenToReaders(new URL(url.data));
}

function readProxies(set: Record<string, string>): ProxySettings | undefined {
  const { proxies, problems } = readProxySettings(set);
  if (problems.length === 0) return proxies;
  throw new ConfigError(problems);
}

function readTemporal(set: Record<string, string>, env: NodeJS.ProcessEnv): TemporalSettings {
  // Set to nothing, a TEMPORAL_GRPC_META_* variable takes a header of the config file away.
  const metadata = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[0].startsWith('TEMPORAL_GRPC_META_') && entry[1] !== undefined,
  );
  const overrideEnvVars = { ...set, ...Object.fromEntries(metadata) };
  let loaded: ClientConnectConfig;
  try {
    loaded = loadTemporal(overrideEnvVars);
  } catch {
    // The reason is not shown: for a config file it quotes lines that may hold an API key.
    throw new ConfigError([
      'TEMPORAL_* cannot be read – check that TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE (without it temporalio/temporal.toml in the folder for settings) and the TEMPORAL_TLS_*_PATH files exist and are valid',
    ]);
  }
  const address = loaded.connectionOptions.address ?? DEFAULT_TEMPORAL_ADDRESS;
  if (!isHostPort(address)) {
    throw new ConfigError([
      'TEMPORAL_ADDRESS is not host:port – write it like 127.0.0.1:7233, without http://',
    ]);
  }
  return {
    address,
    namespace: loaded.namespace ?? DEFAULT_TEMPORAL_NAMESPACE,
    connectionOptions: { ...loaded.connectionOptions, address },
  };
}

/** A config file that nobody named and that cannot be read counts as none, as one that is not there does. */
function loadTemporal(overrideEnvVars: Record<string, string>): ClientConnectConfig {
  const named =
    overrideEnvVars.TEMPORAL_CONFIG_FILE !== undefined || overrideEnvVars.TEMPORAL_PROFILE !== undefined;
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    if (named || !isDefaultFileUnreadable(error)) throw error;
    return loadClientConnectConfig({ overrideEnvVars, disableFile: true });
  }
}

function isDefaultFileUnreadable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  // Reading a folder fails without its path.
  if (error.code === 'EISDIR') return true;
  return 'path' in error && String(error.path).endsWith(join('temporalio', 'temporal.toml'));
}

function readMongo(set: Record<string, string>): MongoSettings {
  const uri = set.MONGODB_URI;
  if (uri === undefined) {
    throw new ConfigError([
      'MONGODB_URI is not set – set it to your MongoDB, like mongodb://127.0.0.1:27017/luma_sync (`luma-sync dev` starts one)',
    ]);
  }
  return { uri, db: set.MONGODB_DB ?? databaseIn(uri) ?? DEFAULT_DB };
}

function readKeyring(set: Record<string, string>): Keyring {
  const text = set.LUMA_SYNC_KEYRING;
  const file = set.LUMA_SYNC_KEYRING_FILE;
  if (text !== undefined && file !== undefined) {
    throw new ConfigError(['LUMA_SYNC_KEYRING and LUMA_SYNC_KEYRING_FILE are both set – keep one of them']);
  }
  let source: KeyringSource;
  if (text !== undefined) source = { text };
  else if (file !== undefined) source = { file };
  else {
    throw new ConfigError([
      'LUMA_SYNC_KEYRING is not set, nor is LUMA_SYNC_KEYRING_FILE – make a key ring once with: luma-sync keyring new luma-sync.keyring, and set LUMA_SYNC_KEYRING_FILE to its path',
    ]);
  }
  try {
    return loadKeyring(source);
  } catch (error) {
    if (!(error instanceof KeyringInvalid)) throw error;
    const name = 'text' in source ? 'LUMA_SYNC_KEYRING' : 'LUMA_SYNC_KEYRING_FILE';
    throw new ConfigError([
      `${name} cannot be used: ${error.message} – it must be as luma-sync keyring new makes it: kid:base64key, one a line or with commas between`,
    ]);
  }
}

/** Settings in which line ends separate. */
const IN_LINES = /^(LUMA_SYNC_KEYRING|TEMPORAL_TLS_\w+_DATA)$/;

function holdsLineEnd(name: string, value: string, needs: readonly ConfigPart[]): boolean {
  // The Luma key loses what is around it.
  const used = name === 'LUMA_API_KEY' ? value.trim() : value;
  if (!/[\r\n]/.test(used) || IN_LINES.test(name)) return false;
  return name.startsWith('TEMPORAL_') ? needs.includes('temporal') : Object.hasOwn(schema.shape, name);
}

/** Most often a value that was read from a file. */
function lineEndProblem(name: string, value: string): string {
  const ends = /[\r\n]+$/.test(value) && !/[\r\n]/.test(value.trimEnd());
  return ends
    ? `${name} ends with a line end – take it off; "$(cat FILE)" in a shell does`
    : `${name} holds a line end – write it in one line`;
}

/** The one exception would give ids that organizations of the ordinary deployment can have. */
function isScope(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(text) && text !== 'luma-org-sync';
}

function isHostPort(text: string): boolean {
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text);
  return match !== null && (match[1] === undefined || Number(match[1]) <= 65_535);
}

/** The SDK binds to addresses, not to names. */
function isIpPort(text: string): boolean {
  const match = /^\[?([0-9A-Fa-f:.]+?)\]?:(\d{1,5})$/.exec(text);
  return match !== null && isIP(match[1] ?? '') !== 0 && Number(match[2]) <= 65_535;
}

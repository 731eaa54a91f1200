import { ConfigError } from './config/config-error.js';
import { readKeyring } from './config/keyring.js';
import type { ListenAddress } from './config/listen-address.js';
import { type MongoSettings, readMongo } from './config/mongo.js';
import { settingsSchema as schema, type Values } from './config/schema.js';
import { DEFAULTS, type LOG_LEVELS } from './config/settings.js';
import { readTemporal, type TemporalSettings } from './config/temporal.js';
import { DEFAULT_LUMA_BASE_URL, isOpenToReaders } from './luma/base-url.js';
import { type ProxySettings, readProxySettings } from './luma/proxy-settings.js';
import type { NoticeSettings } from './notices/send-notice.js';
import { loosePermissions } from './secrets/keyring-file.js';
import type { Keyring } from './secrets/keyring.js';

export { ConfigError };
export type { MongoSettings, TemporalSettings };
export { SETTINGS } from './config/settings.js';
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a command may need besides the settings that every one gets. */
export interface ConfigParts {
  temporal: TemporalSettings;
  mongo: MongoSettings;
  keyring: Keyring;
  lumaApiKey: string | undefined;
  lumaProxies: ProxySettings | undefined;
  /** Where people are told what needs them; `undefined`: nowhere. */
  notices: NoticeSettings | undefined;
  /** What opens the status page; `undefined`: there is no such page. */
  statusToken: string | undefined;
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
  /** Temporal keeps every sync on the build of the worker that began it. */
  versioning?: true;
  /** Where a worker serves its health and its metrics; absent: nowhere. Where `serve` listens. */
  httpAddress?: ListenAddress;
  /** How Luma reaches `serve`, without a slash at its end. */
  publicUrl?: string;
  /** Where it serves its metrics alone. */
  metricsAddress?: ListenAddress;
  /** What an operator should put right though everything works. Absent: nothing. */
  warnings?: readonly string[];
}

/** The settings for somebody who asked for the parts `P`. `Config` alone: what a worker cannot do without. */
export type Config<P extends ConfigPart = 'temporal' | 'mongo' | 'keyring'> = CommonSettings &
  Pick<ConfigParts, P>;

/** The environment of this process, for `readConfig`: the only place that reads it. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

type Name = keyof Values;

/** Which settings are looked at for a part; what nobody needs cannot stop a command. */
const PART_SETTINGS: Record<ConfigPart, readonly Name[]> = {
  temporal: [],
  mongo: ['MONGODB_URI', 'MONGODB_DB'],
  keyring: ['LUMA_SYNC_KEYRING', 'LUMA_SYNC_KEYRING_FILE'],
  lumaApiKey: ['LUMA_API_KEY'],
  lumaProxies: [],
  notices: ['LUMA_SYNC_NOTIFY_URL', 'LUMA_SYNC_NOTIFY_SECRET'],
  statusToken: ['LUMA_SYNC_STATUS_TOKEN'],
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
    statusToken: values.LUMA_SYNC_STATUS_TOKEN,
    lumaProxies: attempt('lumaProxies', () => readProxies(set)),
    notices: attempt('notices', () => readNotices(set)),
  };
  if (isRefusedHttp(set)) {
    problems.push(
      'LUMA_BASE_URL begins with http://, so Luma keys could be read on the way – write https://, or set LUMA_SYNC_ALLOW_HTTP=1 where the way is safe',
    );
  }
  if (isSameAddress(values.LUMA_SYNC_HTTP_ADDR, values.LUMA_SYNC_METRICS_ADDR)) {
    problems.push(
      'LUMA_SYNC_METRICS_ADDR is the address of LUMA_SYNC_HTTP_ADDR, which serves metrics too – leave it out',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const file = parts.keyring === undefined ? undefined : set.LUMA_SYNC_KEYRING_FILE;
  const warning = file === undefined ? undefined : loosePermissions(file);

  return {
    logLevel: values.LOG_LEVEL ?? DEFAULTS.logLevel,
    lumaBaseUrl: values.LUMA_BASE_URL ?? DEFAULT_LUMA_BASE_URL,
    ...(values.LUMA_SYNC_ALLOW_HTTP === true ? { lumaAllowHttp: true } : {}),
    ...(values.LUMA_SYNC_SCOPE === undefined ? {} : { scope: values.LUMA_SYNC_SCOPE }),
    ...(values.LUMA_SYNC_VERSIONING === true ? { versioning: true } : {}),
    ...(values.LUMA_SYNC_HTTP_ADDR === undefined ? {} : { httpAddress: values.LUMA_SYNC_HTTP_ADDR }),
    ...(values.LUMA_SYNC_METRICS_ADDR === undefined ? {} : { metricsAddress: values.LUMA_SYNC_METRICS_ADDR }),
    ...(values.LUMA_SYNC_PUBLIC_URL === undefined ? {} : { publicUrl: values.LUMA_SYNC_PUBLIC_URL }),
    ...(warning === undefined ? {} : { warnings: [warning] }),
    ...(Object.fromEntries(needs.map((part) => [part, parts[part]])) as Pick<ConfigParts, P>),
  };
}

function isSameAddress(a: ListenAddress | undefined, b: ListenAddress | undefined): boolean {
  return a !== undefined && a.port !== 0 && a.port === b?.port && a.host === b.host;
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

function readNotices(set: Record<string, string>): NoticeSettings | undefined {
  const { LUMA_SYNC_NOTIFY_URL: url, LUMA_SYNC_NOTIFY_SECRET: secret } = set;
  if (url === undefined) return undefined;
  if (secret !== undefined) return { url, secret };
  throw new ConfigError([
    'LUMA_SYNC_NOTIFY_SECRET is not set, and notices are signed with it – make one: echo "whsec_$(openssl rand -base64 32)"',
  ]);
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

import { DEFAULT_LUMA_BASE_URL } from '../luma/base-url.js';

/** One line of the settings table, which `luma-sync --help` and docs/settings.md show. */
export interface Setting {
  name: string;
  meaning: string;
  default?: string;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const DEFAULTS = {
  temporalAddress: '127.0.0.1:7233',
  temporalNamespace: 'default',
  database: 'luma_sync',
  logLevel: 'info',
} as const;

export const SETTINGS: readonly Setting[] = [
  { name: 'TEMPORAL_ADDRESS', meaning: 'Temporal server, host:port', default: DEFAULTS.temporalAddress },
  { name: 'TEMPORAL_NAMESPACE', meaning: 'namespace on it', default: DEFAULTS.temporalNamespace },
  { name: 'TEMPORAL_*', meaning: 'API key, TLS, profile and config file, as the Temporal CLI reads them' },
  { name: 'MONGODB_URI', meaning: 'MongoDB, mongodb:// or mongodb+srv://' },
  { name: 'MONGODB_DB', meaning: 'database', default: `the one in MONGODB_URI, else ${DEFAULTS.database}` },
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
  { name: 'LUMA_API_KEY', meaning: 'a Luma key, for `orgs add`, `orgs set-key` and `npm run demo` only' },
  {
    name: 'LUMA_SYNC_SCOPE',
    meaning: 'name of a deployment of its own beside the ordinary one: letters, digits, - (`dev` prints one)',
  },
  {
    name: 'LUMA_SYNC_NOTIFY_URL',
    meaning:
      'a webhook that a worker tells when an organization needs a person (off by default; docs/notices.md)',
  },
  {
    name: 'LUMA_SYNC_NOTIFY_SECRET',
    meaning: 'what its notices are signed with: whsec_ and 32 random bytes in base64',
  },
  {
    name: 'LUMA_SYNC_STATUS_TOKEN',
    meaning: 'opens the status page of `serve`: 32 characters or more (off by default; docs/pages.md)',
  },
  {
    name: 'LUMA_SYNC_VERSIONING',
    meaning: '1: Temporal keeps every sync on the build of the worker that began it (docs/upgrades.md)',
    default: '0',
  },
  {
    name: 'LUMA_SYNC_HTTP_ADDR',
    meaning:
      'where a worker serves /livez, /readyz and /metrics (off by default), and where `serve` listens (127.0.0.1:8080 by default): IP address:port; a port alone is on 127.0.0.1',
  },
  {
    name: 'LUMA_SYNC_METRICS_ADDR',
    meaning: 'where a worker serves /metrics alone, written in the same way (off by default)',
  },
  {
    name: 'LUMA_SYNC_PUBLIC_URL',
    meaning: 'how Luma reaches `serve`, like https://events.example.org; for `webhooks`',
  },
  { name: 'LOG_LEVEL', meaning: LOG_LEVELS.join(', '), default: DEFAULTS.logLevel },
];

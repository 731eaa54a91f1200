import { z } from 'zod';
import { DEFAULT_LUMA_BASE_URL } from '../luma/base-url.js';
import { isLumaKey } from '../luma/key.js';
import { parseWebUrl } from '../parse-url.js';
import { parseListenAddress } from './listen-address.js';
import { isDatabaseName, mongoUriProblem } from './mongo.js';
import { DEFAULTS, LOG_LEVELS } from './settings.js';

const mongoUri = z.string().superRefine((uri, context) => {
  const problem = mongoUriProblem(uri);
  if (problem !== undefined) context.addIssue(problem);
});

/** @param error said of what is none */
function webAddress(error: string) {
  return z.string().refine((text) => parseWebUrl(text) !== undefined, { error, abort: true });
}

function isWithoutUser(address: string): boolean {
  const { username, password } = new URL(address);
  return username === '' && password === '';
}

const baseUrl = webAddress(`is not an http(s) address – leave it out for ${DEFAULT_LUMA_BASE_URL}`)
  .refine(isWithoutUser, {
    error: 'contains a user name or password – take it out: nothing but the Luma key is sent there',
  })
  .refine((text) => new URL(text).search === '' && new URL(text).hash === '', {
    error: 'contains a query or fragment – write the address without it',
  })
  .transform((text) => text.replace(/\/+$/, ''));

const publicUrl = webAddress(
  'is not an http(s) address – write how Luma reaches this machine, like https://events.example.org',
)
  .refine((text) => isBare(new URL(text)), {
    error: 'contains a user name, password, query or fragment – write the address without it',
  })
  .transform((text) => text.replace(/\/+$/, ''));

function isBare({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].every((part) => part === '');
}

const listenAddress = z.string().transform((text, context) => {
  const address = parseListenAddress(text);
  if (address !== undefined) return address;
  context.addIssue(
    'is not address:port – write an IP address, like 127.0.0.1:9464 or 0.0.0.0:9464, or a port alone',
  );
  return z.NEVER;
});

/** Every setting that is not of Temporal's own, or a proxy. */
export const settingsSchema = z.object({
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
  LUMA_SYNC_NOTIFY_URL: webAddress('is not an http(s) address – write one that takes a POST')
    .refine(isWithoutUser, {
      error: 'contains a user name or password – take it out: notices are signed instead',
    })
    .optional(),
  LUMA_SYNC_NOTIFY_SECRET: z
    .string()
    .refine(isSigningSecret, {
      error: 'is not whsec_ and 24 to 64 bytes in base64 – make one: echo "whsec_$(openssl rand -base64 32)"',
    })
    .optional(),
  LUMA_SYNC_STATUS_TOKEN: z
    .string()
    .trim()
    .min(32, { error: 'has fewer than 32 characters – make one: openssl rand -base64 32' })
    .max(1_000, { error: 'has more than 1,000 characters – make one: openssl rand -base64 32' })
    .optional(),
  LUMA_SYNC_VERSIONING: z
    .stringbool({ error: 'is neither 1 nor 0 – write 1 to keep every sync on the build that began it' })
    .default(false),
  LUMA_SYNC_HTTP_ADDR: listenAddress.optional(),
  LUMA_SYNC_METRICS_ADDR: listenAddress.optional(),
  LUMA_SYNC_PUBLIC_URL: publicUrl.optional(),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is not a log level – use one of ${LOG_LEVELS.join(', ')}` })
    .default(DEFAULTS.logLevel),
});

/** What there is once the schema is met. */
export type Values = z.infer<typeof settingsSchema>;

/** The one exception would give ids that organizations of the ordinary deployment can have. */
function isScope(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(text) && text !== 'luma-org-sync';
}

/** As Standard Webhooks writes them. */
function isSigningSecret(text: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = Buffer.from(text.slice('whsec_'.length), 'base64');
  return length >= 24 && length <= 64;
}

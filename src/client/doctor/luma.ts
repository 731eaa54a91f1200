import { checkedBaseUrl, DEFAULT_LUMA_BASE_URL, isOpenToReaders } from '../../luma/base-url.js';
import { createLumaApi } from '../../luma/api.js';
import { LumaError } from '../../luma/errors.js';
import { argument, commandLine } from '../../shell.js';
import { probeLuma } from '../../luma/probe.js';
import { divided, fail, pass, type PartCheck, warn } from './check.js';
import { checkClock } from './clock.js';
import type { UsableSettings } from './settings.js';

export interface LumaKeySource {
  /** Whose it is, in words. */
  of: string;
  apiKey: string;
}

export interface LumaCheckOptions {
  /** A key that may be tried; `null`: there is none, and Luma is asked without. */
  key: Promise<LumaKeySource | null>;
  /** An organization's feed that may be read; `null`: there is none. */
  feed: Promise<{ orgId: string; icalUrl: string } | null>;
  timeoutMs: number;
}

/** Luma: where it is asked, whether it answers, its clock, and one key where there is one. */
export async function checkLuma(
  { lumaBaseUrl, lumaAllowHttp, lumaProxies: proxies }: NonNullable<UsableSettings['luma']>,
  { key, feed, timeoutMs }: LumaCheckOptions,
): Promise<PartCheck[]> {
  const baseUrl = checkedBaseUrl(lumaBaseUrl, { allowHttp: lumaAllowHttp === true });
  const address = baseAddress(baseUrl);
  try {
    const { tookMs, aheadMs } = await probeLuma({ baseUrl, proxies, timeoutMs });
    const by = proxies === undefined ? '' : ', with the proxy settings of the environment';
    const answer = pass('answer', `Luma answers in ${Math.round(tookMs)} ms${by}`);
    const client = createLumaApi({
      ...{ baseUrl, proxies, requestTimeoutMs: timeoutMs },
      allowHttp: lumaAllowHttp,
    });
    const [tried, read] = await Promise.all([key, feed]);
    const checks = await Promise.all([
      ...(tried === null ? [] : [checkKey(client, tried)]),
      ...(read === null ? [] : [checkFeed(client, read)]),
    ]);
    return [address, answer, checkClock("Luma's clock", aheadMs), ...checks];
  } catch (error) {
    if (!(error instanceof LumaError)) throw error;
    const { message, ...remedy } = divided(
      error.message.replace(/, \/v1\/[\w/]+\)$/, ')').replace(/ \(\/v1\/[\w/]+\)$/, ''),
      'check the way to it: DNS, firewalls, HTTPS_PROXY and LUMA_BASE_URL',
    );
    return [address, fail('answer', message, { ...remedy, notChecked: ['clock', 'key', 'feed'] })];
  }
}

function baseAddress(baseUrl: string): PartCheck {
  const name = 'address';
  if (baseUrl === DEFAULT_LUMA_BASE_URL) return pass(name, `${baseUrl}, Luma's public one`);
  const read = isOpenToReaders(new URL(baseUrl)) ? '; over http:// keys can be read on the way' : '';
  return warn(name, `${baseUrl} is not Luma's public address${read}`, {
    remedy: `leave LUMA_BASE_URL out for ${DEFAULT_LUMA_BASE_URL}, unless this is meant`,
  });
}

async function checkKey(
  client: ReturnType<typeof createLumaApi>,
  { of, apiKey }: LumaKeySource,
): Promise<PartCheck> {
  try {
    const { budget } = await client.getCalendar(apiKey);
    const { limit, remaining } = budget;
    const left =
      limit === undefined || remaining === undefined ? '' : `, ${remaining} of ${limit} requests left`;
    return pass('key', `the key of ${of} is accepted${left}`);
  } catch (error) {
    if (!(error instanceof LumaError)) throw error;
    const { message } = divided(error.message, '');
    return warn('key', `the key of ${of}: ${message}`, {
      remedy: 'look how the organizations stand',
      command: 'luma-sync orgs list',
    });
  }
}

async function checkFeed(
  client: ReturnType<typeof createLumaApi>,
  { orgId, icalUrl }: { orgId: string; icalUrl: string },
): Promise<PartCheck> {
  const remedy = {
    remedy: 'look how the organization stands',
    command: commandLine('luma-sync', 'orgs', 'check', ...argument(orgId)),
  };
  const address = client.feedAddress(icalUrl);
  if (address === undefined)
    return warn('feed', `the lumaIcalUrl of ${orgId} is no address of Luma's`, remedy);
  try {
    const { value } = await client.getFeed(address);
    return pass('feed', `the feed of ${orgId} is read: ${value.entries.length} events`);
  } catch (error) {
    if (!(error instanceof LumaError)) throw error;
    return warn('feed', `the feed of ${orgId}: ${divided(error.message, '').message}`, remedy);
  }
}

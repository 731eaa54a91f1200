/** Addresses of calendars' public feeds. */
import { parseUrl } from '../../parse-url.js';

export interface FeedAddress {
  /** In its one form; nothing else is asked. */
  url: string;
  calendarId: string;
}

/** For people: how such an address looks. */
export const FEED_ADDRESS_FORM = 'https://api.luma.com/ics/get?entity=calendar&id=cal-…';

/** Luma answers on all of them. */
const LUMA_HOSTS = new Set([
  ...['luma.com', 'api.luma.com', 'api2.luma.com'],
  ...['lu.ma', 'api.lu.ma', 'api2.lu.ma'],
]);

const PATH = '/ics/get';
const MAX_LENGTH = 2_000;

/**
 * Reads the address that Luma shows behind “Add iCal Subscription”; `webcal:` is another word for `https:`. Only Luma's
 * own hosts are accepted, and the host that the API is asked at.
 * @param baseUrl of the API, in its one form
 * @returns `undefined` for everything else
 */
export function readFeedAddress(text: string, baseUrl: string): FeedAddress | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const url = parseUrl(text.trim().replace(/^webcal:(?=\/\/)/i, 'https:'));
  if (url?.username !== '' || url.password !== '') return undefined;
  const base = new URL(baseUrl);
  const isLumas = url.protocol === 'https:' && url.port === '' && LUMA_HOSTS.has(url.hostname);
  const isConfigured = url.origin === base.origin;
  const path = isLumas || base.pathname === '/' ? PATH : base.pathname + PATH;
  if (!(isLumas || isConfigured) || url.pathname.replace(/\/$/, '') !== path) return undefined;
  const [entities, ids] = [url.searchParams.getAll('entity'), url.searchParams.getAll('id')];
  const [calendarId = ''] = ids;
  if (entities.join() !== 'calendar' || ids.length !== 1) return undefined;
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(calendarId)) return undefined;
  return { url: `${url.origin}${path}?entity=calendar&id=${calendarId}`, calendarId };
}

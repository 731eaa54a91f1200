/** Luma's ways to write an address, made one. What is returned is always `URL.href`: nothing in it needs escaping. */
import { parseUrl } from '../parse-url.js';
import { LIMITS } from './limits.js';
import { isLongerThan } from './text.js';

const LUMA_HOSTS = new Set(['lu.ma', 'www.lu.ma', 'luma.com', 'www.luma.com']);

export function isLumaHost({ hostname }: URL): boolean {
  return LUMA_HOSTS.has(hostname);
}

/**
 * An absolute http(s) address. On Luma's own hosts: `https://luma.com/<path>`, without the query, which can carry a
 * guest's token. Elsewhere: as it is. A bare slug, or `lu.ma/slug`, is Luma's.
 * @returns `undefined` for everything else, other schemes, Luma's start page and endless addresses included
 */
export function webAddress(value: string): string | undefined {
  const text = value.trim();
  if (/^[A-Za-z0-9_-]{1,200}$/.test(text)) return `https://luma.com/${text}`;
  const url = readUrl(/^(www\.)?(lu\.ma|luma\.com)\//i.test(text) ? `https://${text}` : text);
  if (url === undefined || !isLumaHost(url)) return url?.href;
  const path = url.pathname.split('/').filter((part) => part !== '');
  return path.length === 0 ? undefined : new URL(path.join('/'), 'https://luma.com/').href;
}

/** @returns `undefined` for what is no absolute http(s) address, and for endless ones */
export function imageAddress(value: string): string | undefined {
  return readUrl(value.trim())?.href;
}

/** Without a user name and a password. */
function readUrl(text: string): URL | undefined {
  if (isLongerThan(text, LIMITS.address) || !/^https?:\/\//i.test(text)) return undefined;
  const url = parseUrl(text);
  if (url === undefined) return undefined;
  url.username = '';
  url.password = '';
  return url;
}

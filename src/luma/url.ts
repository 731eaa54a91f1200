/** Luma's ways to write an address, made one. */

const LUMA_HOSTS = new Set(['lu.ma', 'www.lu.ma', 'luma.com', 'www.luma.com']);

/**
 * An absolute http(s) address. On Luma's own hosts: `https://luma.com/<path>`, without the query, which can carry a
 * guest's token. Elsewhere: as it is. A bare slug, or `lu.ma/slug`, is Luma's.
 * @returns `undefined` for everything else, other schemes and Luma's start page included
 */
export function webAddress(value: string): string | undefined {
  const text = value.trim();
  if (/^[A-Za-z0-9_-]{1,200}$/.test(text)) return `https://luma.com/${text}`;
  const absolute = /^(www\.)?(lu\.ma|luma\.com)\//i.test(text) ? `https://${text}` : text;
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) return undefined;

  const url = new URL(absolute);
  if (LUMA_HOSTS.has(url.hostname)) {
    const path = url.pathname.replace(/^\/+|\/+$/g, '');
    return path === '' ? undefined : `https://luma.com/${path}`;
  }
  if (url.username !== '' || url.password !== '') {
    url.username = '';
    url.password = '';
    return url.href;
  }
  // The parser drops line breaks and escapes blanks; text that needs neither stays as it was written.
  return /[\s\0]/.test(absolute) ? url.href : absolute;
}

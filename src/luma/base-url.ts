/** Where Luma may be asked. */
import { BlockList, isIP } from 'node:net';
import { parseUrl } from '../parse-url.js';

export const DEFAULT_LUMA_BASE_URL = 'https://public-api.luma.com';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether the address is this machine itself, by its number or as `localhost`. */
export function isLoopback({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return host === 'localhost';
  return LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether a key sent there can be read on the way: `http:` to anywhere but this machine. */
export function isOpenToReaders(url: URL): boolean {
  return url.protocol === 'http:' && !isLoopback(url);
}

/**
 * @returns the base URL in its one form, without a slash at its end
 * @throws TypeError when it cannot be one; the message does not quote it
 */
export function checkedBaseUrl(baseUrl: string, { allowHttp = false }: { allowHttp?: boolean } = {}): string {
  const url = parseUrl(baseUrl);
  if (url === undefined) throw new TypeError('The base URL of Luma is not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TypeError('The base URL of Luma must begin with http:// or https://');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('The base URL of Luma must have no credentials, query or fragment');
  }
  if (isOpenToReaders(url) && !allowHttp) {
    throw new TypeError('The base URL of Luma must begin with https://, or the key could be read on the way');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

import { parseUrl } from '../../parse-url.js';

/**
 * Whether a form was sent from these pages. Browsers say so themselves with every form, and no page can make them say
 * anything else.
 */
export function isFromHere(request: Request, publicUrl: string | undefined): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = parseUrl(request.headers.get('origin') ?? '');
  if (origin === undefined) return false;
  if (publicUrl !== undefined && origin.origin === new URL(publicUrl).origin) return true;
  // A proxy that takes the TLS away leaves the host.
  return origin.host === new URL(request.url).host;
}

/** Whether the browser reaches these pages over https, whatever stands between. */
export function isSecure(request: Request): boolean {
  return [request.headers.get('origin') ?? '', request.url].some((address) => address.startsWith('https:'));
}

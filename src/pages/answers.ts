import { hash } from 'node:crypto';
import { isKnown } from '../feeds/answers.js';
import type { Html } from './markup.js';

/**
 * A page runs and loads only what this server serves, sends forms only to it, and is shown in no other page's frame.
 * The icon is in the page itself.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * The address of a page is told to no other site. To this one it is: without a `Referrer` browsers send forms without an
 * `Origin`.
 */
export const SAFE_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
} as const;

/** What is shown to whoever is signed in is kept nowhere, and found by no search engine. */
export const PRIVATE_HEADERS = { 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow' } as const;

export function page(document: Html, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(document.text, {
    status,
    headers: {
      ...SAFE_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

/** A page that anybody may keep for a while, and need not load again while it is the same. */
export function cachedPage(request: Request, document: Html, maxAgeSeconds: number): Response {
  const etag = `"${hash('sha256', document.text, 'base64url').slice(0, 27)}"`;
  const headers = { etag, 'cache-control': `public, max-age=${maxAgeSeconds}` };
  if (!isKnown(request, etag)) return page(document, 200, headers);
  return new Response(null, { status: 304, headers: { ...SAFE_HEADERS, ...headers } });
}

/** After a form: the browser goes to a page, and loading that again sends nothing twice. */
export function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { ...SAFE_HEADERS, ...PRIVATE_HEADERS, location, ...headers },
  });
}

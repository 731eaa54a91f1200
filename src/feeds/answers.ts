/** Web-standard: runs wherever `Request` and `Response` are, in Next.js and hono as it is, in Express by an adapter. */
export type FeedHandler = (request: Request) => Promise<Response>;

export interface AnswerHeaders {
  /** `null`: what is answered has no version that could be asked for again. */
  etag: string | null;
  contentType: string;
  maxAgeSeconds: number;
}

/** Public data: whatever page may read it, no program may take it for something else. */
const ALWAYS = { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' };

export function answer(
  status: 200 | 304,
  body: string | null,
  { etag, contentType, maxAgeSeconds }: AnswerHeaders,
): Response {
  return new Response(body, {
    status,
    headers: {
      ...ALWAYS,
      ...(status === 200 ? { 'content-type': contentType } : {}),
      ...(etag === null ? {} : { etag }),
      'cache-control': etag === null ? 'no-store' : `public, max-age=${maxAgeSeconds}`,
    },
  });
}

/** One line of text, for whoever looks. */
export function refusal(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(`${message}\n`, {
    status,
    headers: {
      ...ALWAYS,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

/** Whether `If-None-Match` names this version, or any. A proxy that compresses makes the tag a weak one. */
export function isKnown(request: Request, etag: string): boolean {
  const known = request.headers.get('if-none-match');
  if (known === null) return false;
  return known.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
}

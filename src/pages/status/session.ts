import { createHmac, hash, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { personProblem } from '../../client/person.js';

/** Somebody who has shown the token. It is all in the cookie, signed: any server that knows the token can read it. */
export interface Session {
  id: string;
  /** Under which decisions are recorded; empty until one was given. */
  name: string;
  /** ms since 1970 */
  expiresAt: number;
}

export interface Sessions {
  isToken(text: string): boolean;
  /** A new session. */
  begin(): Session;
  /** The session of a request; `null`: it is signed in no more, or never was. */
  of(request: Request): Session | null;
  /** The same session under this name. */
  cookie(session: Session, isSecure: boolean): string;
  endCookie(isSecure: boolean): string;
  /** Stands in the session's forms: another site cannot know it. */
  formToken(session: Session): string;
  isFormToken(session: Session, text: string): boolean;
}

const COOKIE = 'luma_sync_status';
const LASTS_MS = 12 * 3_600_000;

const schema = z.object({
  id: z.uuid(),
  name: z.string().refine((name) => name === '' || personProblem(name) === null),
  expiresAt: z.int(),
});

/** @param path of the pages, which the cookie is sent to */
export function sessionsOf(token: string, path: string, now: () => Date): Sessions {
  // With another token all sessions are over.
  const key = mac(token, 'luma-sync status sessions');

  function attributes(isSecure: boolean): string {
    return `Path=${path}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  }

  return {
    isToken: (text) => isSame(text, token),
    begin: () => ({ id: randomUUID(), name: '', expiresAt: now().getTime() + LASTS_MS }),
    of(request) {
      const [payload = '', signature = '', ...more] = cookieOf(request).split('.');
      if (more.length > 0 || !isSame(signature, mac(key, payload))) return null;
      const session = readPayload(payload);
      return session !== null && session.expiresAt > now().getTime() ? session : null;
    },
    cookie(session, isSecure) {
      const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
      const seconds = Math.max(0, Math.floor((session.expiresAt - now().getTime()) / 1000));
      return `${COOKIE}=${payload}.${mac(key, payload)}; Max-Age=${seconds}; ${attributes(isSecure)}`;
    },
    endCookie: (isSecure) => `${COOKIE}=; Max-Age=0; ${attributes(isSecure)}`,
    formToken: ({ id }) => mac(key, `form ${id}`),
    isFormToken: ({ id }, text) => isSame(text, mac(key, `form ${id}`)),
  };
}

function mac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

/** Compared by digests, which are of one length: the time tells nothing of either. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}

function cookieOf(request: Request): string {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [name = '', ...value] = pair.trim().split('=');
    if (name === COOKIE) return value.join('=');
  }
  return '';
}

function readPayload(payload: string): Session | null {
  try {
    return schema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
}

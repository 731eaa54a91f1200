import { page, PRIVATE_HEADERS, SAFE_HEADERS, seeOther } from '../answers.js';
import { decide, showRemovals } from './decide.js';
import { readForm } from './form.js';
import { liveUpdates } from './live-updates.js';
import { lookAtRunning } from './look-at-running.js';
import type { StatusMeans, StatusOptions } from './means.js';
import { message } from './message.js';
import { isFromHere, isSecure } from './origin.js';
import { overviewPage } from './overview-page.js';
import { type Session, sessionsOf } from './session.js';
import { signInPage } from './sign-in.js';
import { boundedTries } from './tries.js';

type StatusHandler = (request: Request, pathname: string) => Promise<Response>;

/** The pages at `/status`, for whoever has shown the token. */
export function statusPages(options: StatusOptions): StatusHandler {
  const { root, token, now, signal } = options;
  const means: StatusMeans = {
    ...options,
    sessions: sessionsOf(token, `${root}/status`, now),
    tries: boundedTries(() => performance.now()),
    live: liveUpdates({ look: lookAtRunning(options), ...(signal === undefined ? {} : { signal }) }),
  };
  return async (request, pathname) => {
    const session = means.sessions.of(request);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead) return session === null ? signIn(root, 401) : await show(means, request, session);
    if (request.method !== 'POST')
      return message(root, 405, 'This page cannot be used in this way', { allow: 'GET, HEAD, POST' });
    if (pathname === '/status') return await trySignIn(means, request);
    if (session === null) return signIn(root, 401, 'Sign in again: this page was open for too long.');
    return await act(means, request, session);
  };
}

async function show(means: StatusMeans, request: Request, session: Session): Promise<Response> {
  const { root, sessions, live } = means;
  const url = new URL(request.url);
  switch (url.pathname) {
    case '/status':
      return page(
        await overviewPage(means, { url, formToken: sessions.formToken(session) }),
        200,
        PRIVATE_HEADERS,
      );
    case '/status/removals':
      return await showRemovals(means, session, {
        orgId: url.searchParams.get('org') ?? '',
        isRecorded: url.searchParams.has('recorded'),
      });
    case '/status/events':
      return request.method === 'HEAD' ? eventStream(null) : watch(root, live.stream(session.expiresAt));
    default:
      return message(root, 404, 'This page does not exist');
  }
}

async function act(means: StatusMeans, request: Request, session: Session): Promise<Response> {
  const { root, sessions, publicUrl } = means;
  const form = await readForm(request);
  if (form === null) return message(root, 413, 'This form is too large, or none');
  if (!isFromHere(request, publicUrl) || !sessions.isFormToken(session, form.get('form') ?? '')) {
    return message(root, 403, 'This form was not sent from this page');
  }
  switch (new URL(request.url).pathname) {
    case '/status/removals':
      return await decide(means, session, { form, isSecure: isSecure(request) });
    case '/status/sign-out':
      return seeOther(`${root}/status`, { 'set-cookie': sessions.endCookie(isSecure(request)) });
    default:
      return message(root, 404, 'This page does not exist');
  }
}

async function trySignIn(
  { root, sessions, tries, publicUrl }: StatusMeans,
  request: Request,
): Promise<Response> {
  // A program that is no browser names no origin, and has no cookie of anybody's.
  if (request.headers.has('origin') && !isFromHere(request, publicUrl)) {
    return message(root, 403, 'This form was not sent from this page');
  }
  const form = await readForm(request);
  const waitMs = tries.waitMs();
  if (waitMs > 0) {
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
    return signIn(root, 429, 'There were too many wrong tokens. Try again in a minute.', headers);
  }
  if (!sessions.isToken(form?.get('token')?.trim() ?? '')) {
    tries.failed();
    return signIn(root, 401, 'This is not the access token.');
  }
  return seeOther(`${root}/status`, { 'set-cookie': sessions.cookie(sessions.begin(), isSecure(request)) });
}

function signIn(
  root: string,
  status: number,
  problem?: string,
  headers: Record<string, string> = {},
): Response {
  const scheme: Record<string, string> = status === 401 ? { 'www-authenticate': 'Form realm="status"' } : {};
  return page(signInPage(root, problem), status, { ...PRIVATE_HEADERS, ...scheme, ...headers });
}

function watch(root: string, stream: ReadableStream<Uint8Array> | null): Response {
  if (stream !== null) return eventStream(stream);
  return message(root, 503, 'Too many are watching', { 'retry-after': '30' });
}

function eventStream(stream: ReadableStream<Uint8Array> | null): Response {
  // Some proxies hold streams back until they end.
  const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
  return new Response(stream, { headers: { ...SAFE_HEADERS, ...PRIVATE_HEADERS, ...headers } });
}

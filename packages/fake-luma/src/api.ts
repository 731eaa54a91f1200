import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, notFound } from './api-error.js';
import type { FakeCalendar } from './calendar.js';
import { FiredFaults } from './faults.js';
import { FEED_PATH } from './feed.js';
import { routeOf, type Route } from './handlers.js';
import { type Budget, rateHeaders, RateLimiter } from './limiter.js';
import { readJson } from './read-json.js';
import type { RequestLog } from './request-log.js';
import { contentOf, PAGE, type Reply, send } from './transport.js';
import type { World } from './world.js';

export interface ApiContext {
  world: World;
  log: RequestLog;
  /** ms since 1970, by the fake's own clock. */
  nowMs: () => Promise<number>;
  /** Aborted when the server closes: answers that are still being held back are dropped. */
  closing: AbortSignal;
}

/** Answers one request as Luma's public API would. */
export async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { world, log, nowMs, closing }: ApiContext,
): Promise<void> {
  const { settings } = world;
  const method = request.method ?? '';
  const arrivedMs = await nowMs();
  const record = log.arrived(method, url.pathname, url.searchParams, new Date(arrivedMs));
  const isFeed = url.pathname === FEED_PATH;
  const calendar = isFeed
    ? calendarOfFeed(world, url.searchParams)
    : world.byKey(String(request.headers['x-luma-api-key']));
  record.calendarId = calendar?.id ?? null;
  // A key that opens nothing has no budget; its headers show an untouched one.
  let spent: Spent = {
    budget: (calendar === undefined ? new RateLimiter(settings) : limiterOf(calendar, isFeed)).budget(
      arrivedMs,
    ),
    faults: new FiredFaults([]),
  };
  let reply: Reply;
  try {
    const route = admit(request, method, url.pathname);
    if (calendar === undefined && isFeed) throw notFound('No such calendar.');
    const body = method === 'POST' ? await readJson(request) : undefined;
    if (calendar === undefined) throw new ApiError(401, 'unauthorized', 'You are not signed in.');
    spent = spend(calendar, route, arrivedMs);
    if (!spent.budget.allowed) {
      throw new ApiError(429, 'rate-limited', 'Too many requests. Try again when the block is over.');
    }
    const { faults } = spent;
    if (faults.has('rejected-key') && !isFeed)
      throw new ApiError(401, 'unauthorized', 'You are not signed in.');
    if (faults.has('forbidden')) throw new ApiError(403, 'forbidden', 'This calendar may not use the API.');
    const params = url.searchParams;
    const answer = route.answer({ calendar, params, faults, world, body, nowMs: arrivedMs });
    reply = Buffer.isBuffer(answer)
      ? { status: 200, type: 'text/calendar; charset=utf-8', text: answer }
      : { status: 200, body: answer };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    reply = isFeed
      ? { status: error.status, type: 'text/html; charset=utf-8', text: PAGE }
      : { status: error.status, body: { message: error.message, code: error.code } };
  }

  const { budget, faults } = spent;
  const latencyMs = settings.latencyMs + (faults.find('latency')?.ms ?? 0);
  if (latencyMs > 0) await delay(latencyMs, undefined, { signal: closing });

  // The headers tell the time of the decision: latency is the way's, as it is between Luma and its callers.
  const headers = {
    date: new Date(arrivedMs).toUTCString(),
    ...(isFeed && budget.allowed ? {} : rateHeaders(budget, arrivedMs, settings)),
  };
  const content = contentOf(reply, faults);
  record.status = content?.status ?? null;
  if (content === null) request.socket.resetAndDestroy();
  else send(request, response, content, headers, faults.has('cut-body'));
}

interface Spent {
  budget: Budget;
  faults: FiredFaults;
}

/** What is refused before anybody looks at the key. */
function admit(request: IncomingMessage, method: string, path: string): Route {
  if (!request.headers['user-agent']) {
    throw new ApiError(403, 'forbidden', 'A User-Agent header is required.');
  }
  const route = routeOf(method, path);
  if (route === undefined) throw notFound('No such route.');
  return route;
}

/** Faults meet only requests that the budget lets through: a block in between uses none of them up. */
function spend(calendar: FakeCalendar, { endpoint }: Route, nowMs: number): Spent {
  const { faultBook } = calendar;
  const limiter = limiterOf(calendar, endpoint === 'feed');
  const budget = limiter.take(nowMs);
  if (!budget.allowed) return { budget, faults: new FiredFaults([]) };
  const faults = faultBook.take(endpoint);
  const block = faults.find('rate-limit');
  return { budget: block === undefined ? budget : limiter.block(nowMs, block.blockMs), faults };
}

/** The feed is public: the address says whose it is. */
function calendarOfFeed(world: World, params: URLSearchParams): FakeCalendar | undefined {
  return params.get('entity') === 'calendar' ? world.find(params.get('id') ?? '') : undefined;
}

function limiterOf(calendar: FakeCalendar, isFeed: boolean): RateLimiter {
  return isFeed ? calendar.feedLimiter : calendar.limiter;
}

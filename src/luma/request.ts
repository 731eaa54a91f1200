/**
 * One HTTP request to Luma's API: the key goes to the configured host and nowhere else.
 */
import { BodyTooLarge, parseJson, readBody } from './body.js';
import { LumaContractBroken, LumaKeyRejected, LumaRateLimited } from './errors.js';
import { isLumaKey } from './key.js';
import { askCaller, oneRequest } from './one-request.js';
import { pauseAfterRateLimit, readBudget, readRetryAfter, type RateBudget } from './rate-limit.js';
import type { RateWindows } from './rate-windows.js';
import { needsBody, refusal } from './refusal.js';
import type { Transport } from './transport.js';

/** An error of Luma's is a line; more is somebody else's page. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface RequestSettings {
  /** Without a trailing slash; may hold a path prefix. */
  baseUrl: string;
  userAgent: string;
  /** For headers and body together. */
  requestTimeoutMs: number;
  maxBodyBytes: number;
  now: () => number;
  transport: Transport;
  windows: RateWindows;
}

export interface RequestInput {
  apiKey: string;
  /** Path of Luma's API, e.g. `/v1/calendars/get`. */
  endpoint: string;
  query?: URLSearchParams;
  /** Sent as JSON, by POST. */
  body?: object;
  /** Whether a single event is asked for: see refusal.ts. */
  aboutOne?: boolean;
  signal?: AbortSignal | undefined;
  /** Called once the whole body of an answer is there, before it is read; a throw ends the call. */
  beforeReading?: (() => Promise<void>) | undefined;
}

export interface JsonAnswer {
  json: unknown;
  budget: RateBudget;
}

/**
 * Makes exactly one request.
 * @throws a LumaError; the reason of `signal`, unchanged, once that is aborted
 */
export async function requestJson(settings: RequestSettings, input: RequestInput): Promise<JsonAnswer> {
  const { apiKey, endpoint, signal } = input;
  signal?.throwIfAborted();
  if (!isLumaKey(apiKey)) throw new LumaKeyRejected(endpoint);
  const request = { endpoint, timeoutMs: settings.requestTimeoutMs, signal };
  return await oneRequest(request, (limited) => exchange(settings, input, limited));
}

async function exchange(
  settings: RequestSettings,
  input: RequestInput,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const { endpoint, query, body: sent } = input;
  const url = `${settings.baseUrl}${endpoint}${query ? `?${query.toString()}` : ''}`;
  const response = await settings.transport(url, {
    headers: {
      accept: 'application/json',
      'user-agent': settings.userAgent,
      'x-luma-api-key': input.apiKey,
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(sent === undefined ? {} : { method: 'POST', body: JSON.stringify(sent) }),
    redirect: 'manual',
    signal,
  });
  const now = settings.now();
  const budget = settings.windows.exact(input.apiKey, readBudget(response.headers, now), now);
  const { status } = response;
  const details = { status, budget };

  const readJson = async (maxBytes: number): Promise<unknown> => {
    const body = await readBody(response, maxBytes);
    if (status === 200) await askCaller(input.beforeReading);
    return parseJson(body);
  };

  if (status === 200) {
    const json = await readJson(settings.maxBodyBytes).catch((error: unknown) => {
      if (!(error instanceof BodyTooLarge)) throw error;
      throw new LumaContractBroken(endpoint, error.message, details);
    });
    if (json === undefined) throw new LumaContractBroken(endpoint, 'no JSON', details);
    return { json, budget };
  }
  if (status === 429) {
    throw new LumaRateLimited(endpoint, pauseAfterRateLimit(response.headers, now), budget);
  }
  const retryAfterMs = readRetryAfter(response.headers, now);
  const body = needsBody(status)
    ? await readJson(MAX_ERROR_BYTES).catch((error: unknown) => {
        if (!(error instanceof BodyTooLarge)) throw error;
      })
    : undefined;
  throw refusal(
    {
      endpoint,
      aboutOne: input.aboutOne ?? false,
      details: { ...details, retryAfterMs },
    },
    body,
  );
}

/**
 * One HTTP request to Luma: the key goes to the configured host and nowhere else, headers and body have one time
 * limit, and every failure becomes one of errors.ts.
 */
import { BodyTooLarge, parseJson, readBody } from './body.js';
import {
  LumaContractBroken,
  LumaError,
  LumaForbidden,
  LumaKeyRejected,
  LumaNotFound,
  LumaRateLimited,
  LumaUnavailable,
} from './errors.js';
import { pauseAfterRateLimit, readBudget, type RateBudget } from './rate-limit.js';
import { errorSchema } from './schema.js';

export interface RequestSettings {
  /** Without a trailing slash; may hold a path prefix. */
  baseUrl: string;
  userAgent: string;
  /** For headers and body together. */
  requestTimeoutMs: number;
  maxBodyBytes: number;
  now: () => number;
}

export interface RequestInput {
  apiKey: string;
  /** Path of Luma's API, e.g. `/v1/calendars/get`. */
  endpoint: string;
  query?: URLSearchParams;
  /** Whether 403 and 404 are answers about the one thing asked for; then they count in Luma's own form only. */
  aboutOne?: boolean;
  signal?: AbortSignal | undefined;
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
  // Fetch refuses such a header with a message that quotes it.
  if (!/^[\x21-\x7e]{1,1000}$/.test(apiKey)) throw new LumaKeyRejected(endpoint);

  const controller = new AbortController();
  const abort = () => controller.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, settings.requestTimeoutMs);

  try {
    return await exchange(settings, input, controller.signal);
  } catch (error) {
    signal?.throwIfAborted();
    const code = controller.signal.aborted ? 'TIMEOUT' : errorCode(error);
    // Gives up the connection of an answer that was not read to its end.
    controller.abort();
    if (error instanceof LumaError) throw error;
    throw new LumaUnavailable(endpoint, code === undefined ? {} : { code });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

async function exchange(
  settings: RequestSettings,
  input: RequestInput,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const { endpoint, query } = input;
  const response = await fetch(`${settings.baseUrl}${endpoint}${query ? `?${query.toString()}` : ''}`, {
    headers: {
      accept: 'application/json',
      'user-agent': settings.userAgent,
      'x-luma-api-key': input.apiKey,
    },
    redirect: 'manual',
    signal,
  });
  const now = settings.now();
  const budget = readBudget(response.headers, now);
  const details = { status: response.status, budget };

  const readJson = async (): Promise<unknown> => {
    try {
      return parseJson(await readBody(response, settings.maxBodyBytes));
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      throw new LumaContractBroken(endpoint, error.message, details);
    }
  };

  /** What Luma says with an error; a proxy's error page says nothing about what was asked for. */
  const readMessage = async (): Promise<string> => {
    const said = errorSchema.safeParse(await readJson());
    if (said.success) return said.data.message;
    throw new LumaContractBroken(endpoint, `a ${response.status} that is not of Luma`, details);
  };

  switch (response.status) {
    case 200: {
      const json = await readJson();
      if (json === undefined) throw new LumaContractBroken(endpoint, 'no JSON', details);
      return { json, budget };
    }
    case 401:
      throw new LumaKeyRejected(endpoint, details);
    case 403:
      if (input.aboutOne) await readMessage();
      throw new LumaForbidden(endpoint, details);
    case 404: {
      if (!input.aboutOne) throw new LumaContractBroken(endpoint, 'no such path', details);
      throw new LumaNotFound(endpoint, /cancell?ed/i.test(await readMessage()), details);
    }
    case 429:
      throw new LumaRateLimited(endpoint, pauseAfterRateLimit(response.headers, now), budget);
    default:
      if (response.status === 408 || response.status >= 500) throw new LumaUnavailable(endpoint, details);
      throw new LumaContractBroken(endpoint, 'unexpected status', details);
  }
}

/** Fetch hides the socket's error in `cause`; of that, only a code that looks like one. */
function errorCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  }
  return undefined;
}

/**
 * What can go wrong between this project and Luma, one class a reason.
 *
 * Messages are built from a status, a code and a path, so that they can be logged, stored and put into a
 * workflow's history: never from a body, a header, a query, a key or another error's text. For the same reason
 * no error has a `cause`.
 */
import type { RateBudget } from './rate-limit.js';
import { explain } from './trouble.js';

export interface LumaErrorDetails {
  status?: number;
  budget?: RateBudget;
}

/** Base of every error thrown by the client. Never thrown itself. */
export class LumaError extends Error {
  override readonly name: string = 'LumaError';
  /** Path of Luma's API, without the base URL and the query. */
  readonly endpoint: string;
  /** HTTP status, where an answer arrived. */
  readonly status: number | undefined;
  /** What the answer's headers said about the rate limit, where an answer arrived. */
  readonly budget: RateBudget | undefined;

  constructor(what: string, endpoint: string, details: LumaErrorDetails = {}) {
    const { status, budget } = details;
    super(`${what} (${status === undefined ? endpoint : `${status}, ${endpoint}`})`);
    this.endpoint = endpoint;
    this.status = status;
    this.budget = budget;
  }
}

/**
 * Luma's own word (401), or a key that cannot be a key (then no request was made and there is no status). A person must
 * act.
 */
export class LumaKeyRejected extends LumaError {
  override readonly name = 'LumaKeyRejected';

  constructor(endpoint: string, details?: LumaErrorDetails) {
    super('Luma does not accept the API key', endpoint, details);
  }
}

/**
 * Luma's own word (403): the key is good and its calendar does not manage what was asked for, or may not use the API.
 */
export class LumaForbidden extends LumaError {
  override readonly name = 'LumaForbidden';

  constructor(endpoint: string, details?: LumaErrorDetails) {
    super('Luma refuses access', endpoint, details);
  }
}

/** Luma's own word (404) that it has no such event. Events are removed on the strength of this error. */
export class LumaNotFound extends LumaError {
  override readonly name = 'LumaNotFound';
  /** Luma says that the event was cancelled; otherwise it says nothing about why. */
  readonly canceled: boolean;

  constructor(endpoint: string, canceled: boolean, details?: LumaErrorDetails) {
    super(canceled ? 'Luma says the event was canceled' : 'Luma knows no such event', endpoint, details);
    this.canceled = canceled;
  }
}

/**
 * An answer that is not what Luma documents: 200 with HTML, malformed JSON, another envelope or a body over the bound;
 * a status that Luma itself gives and should not. About a single event also an error that is not of Luma.
 */
export class LumaContractBroken extends LumaError {
  override readonly name = 'LumaContractBroken';

  /** @param problem a few words of this project's own, never a part of the answer */
  constructor(endpoint: string, problem: string, details?: LumaErrorDetails) {
    super(`Luma's answer is not what it documents: ${problem}`, endpoint, details);
  }
}

/** A listing that cannot be walked to its end: `has_more` without a cursor, a cursor that repeats, too many pages. */
export class LumaPaginationBroken extends LumaError {
  override readonly name = 'LumaPaginationBroken';

  /** @param problem a few words of this project's own, never a cursor */
  constructor(endpoint: string, problem: string, details?: LumaErrorDetails) {
    super(`Luma's listing cannot be followed: ${problem}`, endpoint, details);
  }
}

/**
 * 5xx, 408, time limit, connection refused or reset, DNS, TLS, a body cut off; an error or a redirect of something else
 * than Luma (`FOREIGN_ANSWER`). Asking again later is right.
 */
export class LumaUnavailable extends LumaError {
  override readonly name = 'LumaUnavailable';
  /**
   * `TIMEOUT`, or an error code of Node or undici such as `ECONNRESET`, where no complete answer arrived; `PROXY_` and the
   * status where a proxy refused the connection; `FOREIGN_ANSWER`. Absent: an answer with this status.
   */
  readonly code: string | undefined;
  /** How long the answer's `Retry-After` asks to wait, ms, where it has one. */
  readonly retryAfterMs: number | undefined;

  constructor(endpoint: string, details: LumaErrorDetails & { code?: string; retryAfterMs?: number } = {}) {
    const { code, retryAfterMs, ...rest } = details;
    const why = code === undefined ? undefined : explain(code);
    const said = code === undefined ? '' : `, ${code}${why === undefined ? '' : `: ${why}`}`;
    super(`Luma cannot be reached${said}`, endpoint, rest);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 429. Not a failure: the same request is right after `pauseMs`. */
export class LumaRateLimited extends LumaError {
  override readonly name = 'LumaRateLimited';
  /** How long to leave the calendar alone. Above MAX_PAUSE_MS Luma asks for more than can be waited out. */
  readonly pauseMs: number;
  declare readonly budget: RateBudget;

  constructor(endpoint: string, pauseMs: number, budget: RateBudget) {
    super('Luma asks for a pause', endpoint, { status: 429, budget });
    this.pauseMs = pauseMs;
  }
}

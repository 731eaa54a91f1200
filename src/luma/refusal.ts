/**
 * What an answer means that is neither 200 nor 429.
 *
 * Only Luma's own word counts as Luma's: an error in its form, JSON with `message` and `code`. A gateway, a CDN or a
 * captive portal answers with the same statuses and knows nothing of calendars and events.
 *
 * | status            | in Luma's form                          | in another form           |
 * | 401               | LumaKeyRejected                         | FOREIGN                   |
 * | 403               | LumaForbidden                           | FOREIGN                   |
 * | 404               | LumaNotFound of an event, otherwise LumaContractBroken | FOREIGN    |
 * | 408, 5xx          | LumaUnavailable                         | LumaUnavailable           |
 * | 3xx               | FOREIGN: Luma answers with none of them | FOREIGN                   |
 * | other 4xx         | LumaContractBroken                      | FOREIGN                   |
 * | other 2xx         | LumaContractBroken                      | LumaContractBroken        |
 *
 * 407 does not get here: fetch makes a failure without a code of it.
 *
 * FOREIGN is LumaUnavailable, to be asked again. About a single event it is LumaContractBroken, which says nothing
 * about the event and keeps nothing else waiting.
 */
import { z } from 'zod';
import {
  LumaContractBroken,
  type LumaError,
  type LumaErrorDetails,
  LumaForbidden,
  LumaKeyRejected,
  LumaNotFound,
  LumaUnavailable,
} from './errors.js';
import { FOREIGN_ANSWER } from './trouble.js';

/** The body of an error, where it is Luma's own. */
const luma = z.looseObject({ message: z.string(), code: z.string().nullable() });

export interface Refusal {
  endpoint: string;
  /** Whether it is an answer about a single event. */
  aboutOne: boolean;
  /** With the status. */
  details: LumaErrorDetails & { status: number; retryAfterMs?: number };
}

/** Whether the body has a say. The others need not be read. */
export function needsBody(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** @param body what the body holds as JSON; `undefined` where it is none */
export function refusal({ endpoint, aboutOne, details }: Refusal, body: unknown): LumaError {
  const { status } = details;
  if (status === 408 || status >= 500) return new LumaUnavailable(endpoint, details);
  if (status < 300) return new LumaContractBroken(endpoint, 'unexpected status', details);

  const said = needsBody(status) ? luma.safeParse(body).data : undefined;
  if (said === undefined) {
    return aboutOne
      ? new LumaContractBroken(endpoint, `a ${status} that is not of Luma`, details)
      : new LumaUnavailable(endpoint, { ...details, code: FOREIGN_ANSWER });
  }
  if (status === 401) return new LumaKeyRejected(endpoint, details);
  if (status === 403) return new LumaForbidden(endpoint, details);
  if (status !== 404) return new LumaContractBroken(endpoint, 'unexpected status', details);
  if (!aboutOne) return new LumaContractBroken(endpoint, 'no such path', details);
  return new LumaNotFound(endpoint, /cancell?ed/i.test(said.message), details);
}

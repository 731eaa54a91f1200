import { CancelledFailure } from '@temporalio/activity';
import type { LogEntry } from '@temporalio/worker';
import { MongoServerError } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { LumaCalendarChanged, OrgHasNoKey, StagedPagesMissing } from '../../src/activities/failures.js';
import {
  LumaContractBroken,
  LumaForbidden,
  LumaKeyRejected,
  LumaNotFound,
  LumaPaginationBroken,
} from '../../src/luma/errors.js';
import { OrgNotFound, StoreUnavailable } from '../../src/mongo/errors.js';
import { PageAlreadyStaged } from '../../src/mongo/staged-pages.js';
import { KeyUnreadable } from '../../src/secrets/errors.js';
import { environment, failureOf, printedFailure } from './support/activities.js';

const SECRET = 'canary-77aa';

/** Runs an activity that throws. */
function throwing(error: unknown, env = environment()): Promise<unknown> {
  const reject = (reason: Error): Promise<never> => Promise.reject(reason);
  const activity = () => reject(error as Error);
  return env.run<[], never, typeof activity>(activity);
}

test.each([
  [new LumaKeyRejected('/v1/x', { status: 401 }), true],
  [new LumaForbidden('/v1/x', { status: 403 }), true],
  [new LumaContractBroken('/v1/x', 'no JSON', { status: 200 }), true],
  [new LumaPaginationBroken('/v1/x', 'a cursor repeats'), true],
  [new LumaNotFound('/v1/x', false, { status: 404 }), true],
  [new OrgNotFound('acme'), true],
  [new OrgHasNoKey('organization acme has no Luma key'), true],
  [new LumaCalendarChanged('the key opens calendar cal-b'), true],
  [new StagedPagesMissing('staged pages 1 to 2 are not all there'), true],
  [new KeyUnreadable('sealed with the key k1'), true],
  [new StoreUnavailable('write events', 'MongoNetworkError'), false],
  [new PageAlreadyStaged('page 1 is staged already'), false],
])('%s reaches Temporal by its name; final: %s', async (error, nonRetryable) => {
  const failure = await failureOf(throwing(error));
  expect(failure).toMatchObject({ type: error.name, message: error.message, nonRetryable });
  expect(failure.cause).toBeUndefined();
  expect(failure.stack).toBe('');
});

describe('an error that nobody foresaw', () => {
  const cause = new Error(`inner ${SECRET}`);
  test.each([
    ['TypeError', new TypeError(`cannot read ${SECRET}`, { cause })],
    ['MongoServerError', new MongoServerError({ message: SECRET, keyValue: { title: SECRET } })],
    ['AggregateError', new AggregateError([cause], SECRET)],
    ['string', SECRET],
    ['object', { title: SECRET }],
    ['undefined', undefined],
  ])('%s reaches Temporal by its kind alone, and may be tried again', async (kind, error) => {
    const logged: LogEntry[] = [];
    const env = environment({}, (entry) => void logged.push(entry));
    const failure = await failureOf(throwing(error, env));
    expect(failure).toMatchObject({
      type: 'UnexpectedError',
      message: `unexpected ${kind}`,
      nonRetryable: false,
    });
    expect(failure.details ?? []).toEqual([]);
    expect(printedFailure(failure)).not.toContain(SECRET);
    const unexpected = logged.filter((entry) => entry.level === 'ERROR');
    expect(unexpected).toHaveLength(1);
    expect(JSON.stringify(logged.map(({ message, meta }) => [message, meta]))).not.toContain(SECRET);
  });

  test('says in the log where it was thrown', async () => {
    const logged: LogEntry[] = [];
    const env = environment({}, (entry) => void logged.push(entry));
    const error = new TypeError(
      `first line\nsecond line ${SECRET}\n    at ${SECRET} in the message\n    at ${SECRET} (file:1:1)`,
    );
    await failureOf(throwing(error, env));
    const text = JSON.stringify(logged.map(({ message, meta }) => [message, meta]));
    expect(text).toContain('failures.test.ts');
    expect(text).not.toContain(SECRET);
  });
});

test('cancellation passes as it is', async () => {
  const canceled = new CancelledFailure('CANCELLED');
  await expect(throwing(canceled)).rejects.toBe(canceled);
  const abort = new DOMException('aborted', 'AbortError');
  await expect(throwing(abort)).rejects.toBe(abort);
});

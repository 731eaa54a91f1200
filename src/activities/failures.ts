import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { LumaError } from '../luma/errors.js';
import { DocumentTooLarge, OrgNotFound, StoreMisused, StoreUnavailable } from '../mongo/errors.js';
import { SyncOvertaken } from '../mongo/fence.js';
import { ForeignIndexConflict } from '../mongo/in-the-way.js';
import { PageAlreadyStaged, PagesAlreadyApplied } from '../mongo/staged-pages.js';
import { NoticeUndelivered } from '../notices/send-notice.js';
import { KeyUnreadable } from '../secrets/errors.js';
import { FailedAfterRequests } from './heartbeat.js';

/** Failures that another attempt may mend; every other named one is final. */
const RETRIED = new Set([
  'StoreUnavailable',
  'PageAlreadyStaged',
  'PagesAlreadyApplied',
  'NoticeUndelivered',
]);

/** An organization without a key, and without a feed that could take its place, was asked for by name. */
export class OrgHasNoKey extends Error {
  override readonly name = 'OrgHasNoKey';
}

/** The key opens, or the feed is of, another calendar than the organization's syncs were of. */
export class LumaCalendarChanged extends Error {
  override readonly name = 'LumaCalendarChanged';
}

/** The organization got another key, or another feed, after its sync had verified the one before. */
export class LumaKeyChanged extends Error {
  override readonly name = 'LumaKeyChanged';

  constructor(orgId: string) {
    super(
      `the Luma key (or feed) of organization ${JSON.stringify(orgId)} was changed while it was being synced: the next sync uses the new one`,
    );
  }
}

/** An answer that ended two workers in a row while they read it. */
export class LumaAnswerUnreadable extends Error {
  override readonly name = 'LumaAnswerUnreadable';

  constructor(what: string) {
    super(`two workers in a row ended while they read ${what}: it is not read again in this sync`);
  }
}

/** Staged pages that should be there are not: they expire after two days. */
export class StagedPagesMissing extends Error {
  override readonly name = 'StagedPagesMissing';

  constructor(syncId: string) {
    super(`staged pages of sync ${syncId} are not all there: start the sync again`);
  }
}

/** Errors whose messages are built from ids, statuses, codes and paths only. */
const NAMED = [
  LumaError,
  StoreUnavailable,
  DocumentTooLarge,
  StoreMisused,
  OrgNotFound,
  OrgHasNoKey,
  LumaCalendarChanged,
  LumaKeyChanged,
  LumaAnswerUnreadable,
  SyncOvertaken,
  ForeignIndexConflict,
  StagedPagesMissing,
  PageAlreadyStaged,
  PagesAlreadyApplied,
  KeyUnreadable,
  NoticeUndelivered,
];

/**
 * Every activity of a worker goes through here, local ones too, so that whatever it throws reaches Temporal as an
 * `ApplicationFailure` with one of the documented types. Histories are clear text: an error that is not one of ours is
 * reduced to its name, because its message and stack may quote what was being processed.
 */
export const namedFailures: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: async (input, next) => {
      try {
        return await next(input);
      } catch (thrown) {
        const [error, requests] =
          thrown instanceof FailedAfterRequests ? [thrown.failure, thrown.requests] : [thrown, 0];
        // Cancellation is no failure; the SDK knows these two.
        if (error instanceof CancelledFailure || isAbort(error)) throw error;
        throw toFailure(error, requests);
      }
    },
  },
});

/** What a failure carries beside its type and message. */
export interface FailureDetails {
  /** Requests to Luma that the activity had made, in all its attempts. */
  requests: number;
}

function toFailure(error: unknown, requests: number): ApplicationFailure {
  const named = error instanceof Error && NAMED.some((kind) => error instanceof kind);
  const type = named ? error.name : 'UnexpectedError';
  const message = named ? error.message : `unexpected ${error instanceof Error ? error.name : typeof error}`;
  const nonRetryable = named && !RETRIED.has(type);
  const details: FailureDetails[] = requests > 0 ? [{ requests }] : [];
  const failure = ApplicationFailure.create({ type, message, nonRetryable, details });
  failure.stack = '';
  if (!named) {
    Context.current().log.error('unexpected error in an activity', { type, at: framesOf(error) });
  }
  return failure;
}

/** Where it was thrown, without what was said: the frames of a stack hold file names and lines only. */
export function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const { stack, message } = error;
  // A message of several lines stands before the frames, and its lines may begin as frames do.
  const frames = stack.slice(stack.indexOf(message) + message.length);
  return frames
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .+:\d+:\d+\)?$/.test(line))
    .slice(0, 8);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

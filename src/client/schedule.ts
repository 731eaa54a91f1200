import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { FullSyncInput } from '../workflows/contract.js';
import { ScheduleInvalid, ScheduleMissing, TemporalUnavailable } from './errors.js';
import type { TemporalAccess } from './temporal.js';

/**
 * After an outage of Temporal a missed sync is made up for when it is at most this late; later, the next day's
 * is near enough.
 */
const CATCHUP_WINDOW_MS = 3_600_000;

export interface ScheduleOptions {
  /** Time of day in UTC, HH:MM. Default 07:00. */
  at?: string;
  /** A cron expression instead (5 fields, UTC unless it begins with CRON_TZ=<zone>). */
  cron?: string;
  /** Input of the scheduled full syncs. Default {}. */
  input?: FullSyncInput;
}

export interface ScheduleInfo {
  scheduleId: string;
  /** When it fires, in words; "custom times" for one that was edited by other means. */
  when: string;
  paused: boolean;
  note?: string;
  overlap: string;
  catchupWindowMs: number;
  /** The next ten at most. */
  nextRuns: Date[];
  /** The last ten at most, newest last. */
  recentRuns: { workflowId: string; runId: string; startedAt: Date }[];
  /** Workflow ids that run now. */
  running: string[];
}

export type AppliedSchedule = ScheduleInfo & { outcome: 'created' | 'updated' | 'unchanged' };

/** `skipped`: a scheduled sync was running, so none was started; the ids are the running one's. */
export interface TriggeredSync {
  outcome: 'started' | 'skipped';
  workflowId: string;
  runId: string;
}

/** The schedule of the full sync, `sync-luma-events`. All throw TemporalUnavailable. */
export interface SyncSchedule {
  /** Creates it, or replaces its times, policies and action; a pause stays. @throws ScheduleInvalid */
  apply(options?: ScheduleOptions): Promise<AppliedSchedule>;
  /** @throws ScheduleMissing */
  show(): Promise<ScheduleInfo>;
  /** Starts a sync now, unless a scheduled one is running. @throws ScheduleMissing */
  trigger(): Promise<TriggeredSync>;
  /** @returns false when there was none. Syncs that run go on. */
  delete(): Promise<boolean>;
}

/** What the schedule is called, and what it starts where. */
export interface ScheduleNames {
  scheduleId: string;
  fullSyncId: string;
  taskQueue: string;
}

export function syncSchedule(temporal: TemporalAccess, names: ScheduleNames): SyncSchedule {
  const { scheduleId } = names;

  function use<T>(calls: (client: Client) => Promise<T>): Promise<T> {
    return temporal.use(async (client) => {
      try {
        return await calls(client);
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) {
          throw new ScheduleMissing(
            `there is no schedule ${scheduleId} – create it with: luma-sync schedule apply`,
          );
        }
        throw error;
      }
    });
  }

  return {
    apply: (options = {}) =>
      use(async (client) => {
        const { spec, when } = scheduleTimes(options);
        const definition = scheduleDefinition(spec, when, options.input ?? {}, names);
        const handle = client.schedule.getHandle(scheduleId);
        try {
          await client.schedule.create({ scheduleId, ...definition });
          return { outcome: 'created', ...infoOf(await handle.describe()) };
        } catch (error) {
          if (isRefusedSpec(error)) throw new ScheduleInvalid(invalidTimes(options));
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
        const before = await handle.describe();
        try {
          await handle.update(({ state }) => ({ ...definition, state }));
        } catch (error) {
          if (isRefusedSpec(error)) throw new ScheduleInvalid(invalidTimes(options));
          throw error;
        }
        const after = await handle.describe();
        // The server compiles times into a form of its own: only two of its own answers compare.
        const outcome = contents(before) === contents(after) ? 'unchanged' : 'updated';
        return { outcome, ...infoOf(after) };
      }),

    show: () => use(async (client) => infoOf(await client.schedule.getHandle(scheduleId).describe())),

    trigger: () =>
      use(async (client) => {
        const handle = client.schedule.getHandle(scheduleId);
        const before = await handle.describe();
        await handle.trigger(ScheduleOverlapPolicy.SKIP);
        return await triggeredSync(() => handle.describe(), before, temporal.address);
      }),

    delete: () =>
      temporal.use(async (client) => {
        try {
          await client.schedule.getHandle(scheduleId).delete();
          return true;
        } catch (error) {
          if (error instanceof ScheduleNotFoundError) return false;
          throw error;
        }
      }),
  };
}

function scheduleDefinition(
  spec: ScheduleSpec,
  when: string,
  input: FullSyncInput,
  { fullSyncId, taskQueue }: ScheduleNames,
) {
  return {
    spec,
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: CATCHUP_WINDOW_MS,
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'FullSyncWorkflow',
      workflowId: fullSyncId,
      taskQueue,
      args: [input],
      staticSummary: `Scheduled sync of all organizations, ${when}`,
    },
  };
}

/** @throws ScheduleInvalid for a time that is not HH:MM, and for both at once */
function scheduleTimes({ at, cron }: ScheduleOptions): { spec: ScheduleSpec; when: string } {
  if (cron !== undefined) {
    if (at !== undefined) throw new ScheduleInvalid('a time of day and a cron expression exclude each other');
    // What follows the # comes back with the compiled times, where a person can read it.
    return { spec: { cronExpressions: [`${cron} # cron ${cron}`] }, when: `cron ${cron}` };
  }
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at ?? '07:00');
  if (match === null) throw new ScheduleInvalid(invalidTimes({ at: at ?? '' }));
  const when = `daily at ${match[0]} UTC`;
  const calendar = { hour: Number(match[1]), minute: Number(match[2]), comment: when };
  return { spec: { calendars: [calendar], timezone: 'UTC' }, when };
}

function invalidTimes({ at, cron }: ScheduleOptions): string {
  return cron === undefined
    ? `${JSON.stringify(at)} is not a time of day – write it as HH:MM in UTC, like 07:00`
    : `${JSON.stringify(cron)} is not a cron expression – write minute, hour, day, month and weekday, like "0 7 * * *"`;
}

/** The SDK's form of the server's "invalid schedule spec". */
function isRefusedSpec(error: unknown): boolean {
  return error instanceof TypeError;
}

function contents({ spec, policies, action }: ScheduleDescription): string {
  return JSON.stringify({ spec, policies, action });
}

function infoOf(description: ScheduleDescription): ScheduleInfo {
  const { scheduleId, spec, state, policies, info } = description;
  const comments = (spec.calendars ?? [])
    .flatMap(({ comment }) => comment ?? [])
    .filter((text) => text !== '');
  return {
    scheduleId,
    when: comments.length > 0 ? comments.join(', ') : 'custom times',
    paused: state.paused,
    ...(state.note === undefined || state.note === '' ? {} : { note: state.note }),
    overlap: policies.overlap ?? 'UNSPECIFIED',
    catchupWindowMs: policies.catchupWindow,
    nextRuns: info.nextActionTimes,
    recentRuns: info.recentActions.map(({ takenAt, action }) => ({
      workflowId: action.workflow.workflowId,
      runId: action.workflow.firstExecutionRunId,
      startedAt: takenAt,
    })),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
  };
}

const TRIGGER_LIMIT_MS = 10_000;
const TRIGGER_LOOK_MS = 100;

/** A trigger returns before its sync is started: looks until the schedule tells what became of it. */
async function triggeredSync(
  describe: () => Promise<ScheduleDescription>,
  before: ScheduleDescription,
  address: string,
): Promise<TriggeredSync> {
  const deadline = Date.now() + TRIGGER_LIMIT_MS;
  const known = new Set(before.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId));
  for (;;) {
    const { info } = await describe();
    const started = info.recentActions.find(({ action }) => !known.has(action.workflow.firstExecutionRunId));
    if (started !== undefined) {
      const { workflowId, firstExecutionRunId } = started.action.workflow;
      return { outcome: 'started', workflowId, runId: firstExecutionRunId };
    }
    const [running] = info.runningActions;
    if (info.numActionsSkippedOverlap > before.info.numActionsSkippedOverlap && running !== undefined) {
      const { workflowId, firstExecutionRunId } = running.workflow;
      return { outcome: 'skipped', workflowId, runId: firstExecutionRunId };
    }
    if (Date.now() > deadline) {
      throw new TemporalUnavailable(
        address,
        `the schedule ${before.scheduleId} took the trigger, but has started nothing yet`,
        'look again with: luma-sync schedule show',
      );
    }
    await delay(TRIGGER_LOOK_MS);
  }
}

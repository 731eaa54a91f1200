import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FullSyncInput } from '../workflows/contract.js';
import { InvalidArgument } from './arguments.js';
import { FULL_SYNC_DETAILS, SCHEDULE_NOTE } from './descriptions.js';
import { ScheduleInvalid, ScheduleMissing, TemporalUnavailable } from './errors.js';
import {
  changesOf,
  contents,
  infoOf,
  inputOf,
  type ScheduleChange,
  type ScheduleInfo,
  whenOf,
} from './schedule-info.js';
import { cronRefused, type ScheduleTimes, scheduleTimes } from './schedule-times.js';
import type { TemporalAccess } from './temporal.js';

/**
 * After an outage of Temporal a missed sync is made up for when it is at most this late; later, the next day's
 * is near enough.
 */
const CATCHUP_WINDOW_MS = 3_600_000;

/** What is left out stays as it is; of a new schedule it is the default. */
export interface ScheduleOptions extends ScheduleTimes {
  /** Input of the scheduled full syncs. Default {}. */
  input?: FullSyncInput;
}

export type AppliedSchedule = ScheduleInfo & {
  outcome: 'created' | 'updated' | 'unchanged';
  /** Empty unless it was updated. */
  changes: ScheduleChange[];
};

export type { ScheduleChange, ScheduleInfo };

/** `skipped`: a scheduled sync was running, so none was started; the ids are the running one's. */
export interface TriggeredSync {
  outcome: 'started' | 'skipped';
  workflowId: string;
  runId: string;
}

/** The schedule of the full sync, `sync-luma-events`. All throw TemporalUnavailable. */
export interface SyncSchedule {
  /**
   * Creates it, or changes what is given. Times and input that are not given stay, and so does a pause; policies and the
   * workflow are put right. @throws ScheduleInvalid
   */
  apply(options?: ScheduleOptions): Promise<AppliedSchedule>;
  /** @throws ScheduleMissing */
  show(): Promise<ScheduleInfo>;
  /**
   * Starts no syncs until it is resumed; one that runs goes on. Paused already, it gets the note.
   * @param note why, for others. @throws ScheduleMissing, InvalidArgument
   */
  pause(note?: string): Promise<ScheduleInfo>;
  /** @param note for others. @throws ScheduleMissing, InvalidArgument */
  resume(note?: string): Promise<ScheduleInfo>;
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

  async function setPaused(
    note: string,
    set: (handle: ScheduleHandle) => Promise<void>,
  ): Promise<ScheduleInfo> {
    checkNote(note);
    return await use(async (client) => {
      const handle = client.schedule.getHandle(scheduleId);
      await set(handle);
      return infoOf(await handle.describe());
    });
  }

  return {
    apply: (options = {}) =>
      use(async (client) => {
        const times = options.at === undefined && options.cron === undefined ? null : scheduleTimes(options);
        const { spec, when } = times ?? scheduleTimes({});
        const definition = scheduleDefinition({ spec, when, input: options.input ?? {} }, names);
        if (options.cron !== undefined) await tryOut(client, names, definition, options.cron);
        const handle = client.schedule.getHandle(scheduleId);
        try {
          await client.schedule.create({ scheduleId, ...definition, state: { note: SCHEDULE_NOTE } });
          return { outcome: 'created', changes: [], ...infoOf(await handle.describe()) };
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
        const before = await handle.describe();
        await handle.update((previous) => ({
          ...scheduleDefinition(
            {
              ...(times ?? { spec: previous.spec, when: whenOf(previous) }),
              input: options.input ?? inputOf(previous),
            },
            names,
          ),
          state: previous.state,
        }));
        const after = await handle.describe();
        // The server compiles times into a form of its own: only two of its own answers compare.
        const outcome = contents(before) === contents(after) ? 'unchanged' : 'updated';
        return { outcome, changes: changesOf(before, after), ...infoOf(after) };
      }),

    show: () => use(async (client) => infoOf(await client.schedule.getHandle(scheduleId).describe())),

    pause: (note = 'paused with luma-sync') => setPaused(note, (handle) => handle.pause(note)),
    resume: (note = 'resumed with luma-sync') => setPaused(note, (handle) => handle.unpause(note)),

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

/** What `apply` declares. */
export function scheduleDefinition(
  { spec, when, input }: { spec: ScheduleSpec; when: string; input: FullSyncInput },
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
      staticDetails: FULL_SYNC_DETAILS,
    },
  };
}

/**
 * Lets Temporal say when these times fire, by a paused schedule that is deleted again: the one that is there stays as
 * it is where they are refused, or never come.
 * @throws ScheduleInvalid
 */
async function tryOut(
  client: Client,
  { scheduleId }: ScheduleNames,
  definition: ReturnType<typeof scheduleDefinition>,
  cron: string,
): Promise<void> {
  const trial = `${scheduleId}-trial-${randomUUID()}`;
  const note = 'Made to try out a cron expression; it can be deleted.';
  let handle;
  try {
    handle = await client.schedule.create({
      scheduleId: trial,
      ...definition,
      state: { paused: true, note },
    });
  } catch (error) {
    // The SDK's form of the server's "invalid schedule spec".
    if (error instanceof TypeError) throw cronRefused(cron, error.message);
    throw error;
  }
  try {
    const { info } = await handle.describe();
    if (info.nextActionTimes.length === 0) {
      throw new ScheduleInvalid(
        `${JSON.stringify(cron)} never comes – give days that exist, like "0 7 * * *"`,
      );
    }
  } finally {
    await handle.delete();
  }
}

const MAX_NOTE_LENGTH = 400;

function checkNote(note: string): void {
  if (
    typeof note !== 'string' ||
    note.trim() === '' ||
    note.length > MAX_NOTE_LENGTH ||
    /\p{Cc}/u.test(note)
  ) {
    throw new InvalidArgument(`the note must be one line of 1 to ${MAX_NOTE_LENGTH} characters`);
  }
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

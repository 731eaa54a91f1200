/**
 * When a sync that runs counts as one that does not get on by itself. The longest syncs, of calendars with many new
 * events, take minutes, and some pauses.
 */
export const STUCK_AFTER_MS = 3 * 3_600_000;

/** From this attempt on, a workflow task that fails is no passing fault: somebody has to mend the worker. */
export const STUCK_TASK_ATTEMPT = 3;

/** About five minutes of attempts at the same activity. */
export const STUCK_ACTIVITY_ATTEMPT = 10;

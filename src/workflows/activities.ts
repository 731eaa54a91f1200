import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';

/**
 * How Temporal runs each kind of activity. Nothing here waits for Luma's rate limit: an activity returns how long
 * to pause, and the workflow sleeps.
 */

/**
 * An hour of attempts, the pauses between them included. Not a limit of time: waiting for a worker to come back is no
 * attempt, and fails nothing.
 */
const FOR_AN_HOUR = {
  maximumAttempts: 65,
  initialInterval: '1 s',
  backoffCoefficient: 2,
  maximumInterval: '60 s',
} as const;

/**
 * A canceled sync waits until its activities have stopped: nothing may write after its report. Said for each, because
 * what the SDK sends where it is not said does not wait. Ten seconds without a heartbeat are five that were not sent:
 * room for a worker that stands still for a while.
 */
const STOPPED_CLEANLY = {
  heartbeatTimeout: '10 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/**
 * Talks to Luma, and to MongoDB for what it stages. A killed worker is noticed by its missing heartbeat, not by the
 * long time limit. Where Luma cannot be reached an activity says so, and the workflow waits: see pauses.ts.
 */
export const luma = proxyActivities<
  Pick<Activities, 'openOrgSync' | 'fetchLumaPages' | 'fetchEventDetails' | 'settleRemovals' | 'followHints'>
>({
  startToCloseTimeout: '60 s',
  ...STOPPED_CLEANLY,
  retry: FOR_AN_HOUR,
});

/**
 * On the worker that runs the workflow, without a way through the server: for what mostly is all there is to do. Tried
 * once; whatever goes wrong, the activities above meet it again.
 */
export const local = proxyLocalActivities<Pick<Activities, 'firstLook'>>({
  startToCloseTimeout: '8 s',
  scheduleToCloseTimeout: '10 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

/** Writes events, when the worker's turn has come. An outage of MongoDB delays a sync by up to an hour before it fails it. */
export const writes = proxyActivities<Pick<Activities, 'upsertEvents' | 'previewSync'>>({
  startToCloseTimeout: '15 min',
  ...STOPPED_CLEANLY,
  retry: FOR_AN_HOUR,
});

/** Small reads and writes of MongoDB. */
export const store = proxyActivities<Pick<Activities, 'closeOrgSync'>>({
  startToCloseTimeout: '60 s',
  ...STOPPED_CLEANLY,
  retry: FOR_AN_HOUR,
});

/** Waits for syncs that an earlier run has started: half an hour at most, and then again. */
export const followed = proxyActivities<Pick<Activities, 'followSyncs'>>({
  startToCloseTimeout: '40 min',
  ...STOPPED_CLEANLY,
  retry: FOR_AN_HOUR,
});

/** What a full sync does by itself. */
export const fullSync = proxyActivities<
  Pick<Activities, 'getOrgsWithLumaConfig' | 'lookAtSyncs' | 'closeFullSync'>
>({
  startToCloseTimeout: '30 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: FOR_AN_HOUR,
});

/** Looks that only show something: the next one comes anyway. */
export const looks = proxyActivities<Pick<Activities, 'findObstacles'>>({
  startToCloseTimeout: '30 s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { maximumAttempts: 1 },
});

/** Sends notices: for as long as an ordinary sync's schedule brings the next occasion. */
export const notices = proxyActivities<Pick<Activities, 'tellNeeds'>>({
  startToCloseTimeout: '60 s',
  scheduleToCloseTimeout: '1 day',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '15 min' },
});

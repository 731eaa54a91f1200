import { proxyActivities } from '@temporalio/workflow';
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
 * Talks to Luma, and to MongoDB for what it stages. A killed worker is noticed by its missing heartbeat, not by the
 * long time limit. Luma not answering ends the attempts earlier: see activities/failures.ts.
 */
export const luma = proxyActivities<
  Pick<Activities, 'openOrgSync' | 'fetchLumaPages' | 'fetchEventDetails' | 'settleRemovals'>
>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: '10 s',
  retry: FOR_AN_HOUR,
});

/** Writes events. An outage of MongoDB delays a sync by up to an hour before it fails it. */
export const events = proxyActivities<Pick<Activities, 'upsertEvents' | 'previewSync'>>({
  startToCloseTimeout: '5 min',
  heartbeatTimeout: '10 s',
  retry: FOR_AN_HOUR,
});

/** Small reads and writes of MongoDB. */
export const store = proxyActivities<
  Pick<Activities, 'getOrgsWithLumaConfig' | 'closeOrgSync' | 'closeFullSync'>
>({
  startToCloseTimeout: '30 s',
  retry: FOR_AN_HOUR,
});

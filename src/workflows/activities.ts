import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';

/**
 * How Temporal runs each kind of activity. Nothing here waits for Luma's rate limit: an activity returns how long
 * to pause, and the workflow sleeps.
 */

/** Talks to Luma. A killed worker is noticed by its missing heartbeat, not by the long time limit. */
export const luma = proxyActivities<
  Pick<Activities, 'openOrgSync' | 'fetchLumaPages' | 'fetchEventDetails' | 'settleRemovals'>
>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: '10 s',
  retry: { maximumAttempts: 8, initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '60 s' },
});

/** Writes events. An outage of MongoDB delays a sync by up to an hour before it fails one. */
export const events = proxyActivities<Pick<Activities, 'upsertEvents' | 'previewSync'>>({
  startToCloseTimeout: '5 min',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '1 h',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '60 s' },
});

/** Small reads and writes of MongoDB. */
export const store = proxyActivities<
  Pick<Activities, 'getOrgsWithLumaConfig' | 'closeOrgSync' | 'closeFullSync'>
>({
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '1 h',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '60 s' },
});

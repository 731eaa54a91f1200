import { Context } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { OrgSyncResult, SyncFailure } from '../workflows/contract.js';
import { describeFailure, type DoneBefore, doneBefore } from '../workflows/failures.js';
import { underHeartbeat } from './heartbeat.js';

/** A sync that another run of the full sync has started. */
export interface FollowedSync {
  orgId: string;
  workflowId: string;
  /** Of its first run. */
  runId: string;
}

export interface FollowSyncsInput {
  syncs: FollowedSync[];
}

export interface EndedSync {
  orgId: string;
  /** What it did; `null` where it could not say. */
  done: DoneBefore | null;
  /** Absent: it is complete. */
  failure?: SyncFailure;
}

/** Ends that come close together are told together. */
const GATHER_MS = 1_000;
/** Then it is asked again: an activity that takes longer shows nothing of itself in Temporal's UI. */
const LONGEST_MS = 30 * 60_000;

/** Waits until one of these syncs ends, or half an hour. @returns those that ended */
export function followSyncs() {
  return async ({ syncs }: FollowSyncsInput): Promise<EndedSync[]> =>
    underHeartbeat(async (_, signal) => {
      const { client } = Context.current();
      const ended: EndedSync[] = [];
      const over = new AbortController();
      const overOrCanceled = AbortSignal.any([over.signal, signal]);
      // One listener for each sync that is followed.
      setMaxListeners(0, overOrCanceled);
      const follow = async (sync: FollowedSync) => {
        const end = await client.withAbortSignal(overOrCanceled, () => endOf(sync));
        ended.push(end);
      };
      try {
        await Promise.race([
          ...syncs.map(follow),
          delay(LONGEST_MS, undefined, { signal: overOrCanceled, ref: false }),
        ]);
        await delay(GATHER_MS, undefined, { signal });
        return ended;
      } finally {
        over.abort();
      }
    });
}

async function endOf({ orgId, workflowId, runId }: FollowedSync): Promise<EndedSync> {
  const { client } = Context.current();
  try {
    const result = (await client.workflow.getHandle(workflowId, runId).result()) as OrgSyncResult;
    const { events, requests, waitedMs } = result;
    return { orgId, done: { events, requests, waitedMs } };
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      return { orgId, done: doneBefore(error), failure: describeFailure(error.cause) };
    }
    if (error instanceof WorkflowNotFoundError) {
      return {
        orgId,
        done: null,
        failure: { type: 'NotFound', message: 'Temporal does not know it any more' },
      };
    }
    throw error;
  }
}

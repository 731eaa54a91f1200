import { Context } from '@temporalio/activity';
import pLimit from 'p-limit';
import { type Obstacle, obstaclesOfOne } from '../client/obstacles.js';
import { isAnotherTry } from '../policies/unreachable.js';

export interface FindObstaclesInput {
  syncs: { orgId: string; workflowId: string }[];
}

/** Why the sync of an organization does not get on at the moment. */
export interface SyncObstacle {
  orgId: string;
  /**
   * `paused`: it waits as Luma asked. `retrying`: something failed and is tried again. `stuck`: the workflow's own code
   * fails.
   */
  kind: 'paused' | 'retrying' | 'stuck';
  reason: string;
  /** When it goes on, or tries again: ISO 8601. Absent: it is being tried. */
  until?: string;
}

export interface FindObstaclesOutput {
  obstacles: SyncObstacle[];
  /** ISO 8601. */
  lookedAt: string;
}

const AT_ONCE = 10;

/** Looks at syncs that run, for the table that Temporal's UI shows of a full sync. */
export function findObstacles() {
  return async ({ syncs }: FindObstaclesInput): Promise<FindObstaclesOutput> => {
    const { client } = Context.current();
    const lookedAt = new Date().toISOString();
    const inTurn = pLimit(AT_ONCE);
    const looks = syncs.map(({ orgId, workflowId }) =>
      inTurn(async () => {
        const found = await obstaclesOfOne(client, workflowId);
        return found.flatMap((obstacle) => {
          const seen = asSeen(obstacle);
          return seen === null ? [] : [{ orgId, ...seen }];
        });
      }),
    );
    return { obstacles: (await Promise.all(looks)).flat(), lookedAt };
  };
}

/** `null`: a step that no worker has taken yet is in order for a moment, and this worker takes them. */
function asSeen(obstacle: Obstacle): Omit<SyncObstacle, 'orgId'> | null {
  switch (obstacle.kind) {
    case 'not-taken':
      return null;
    case 'paused': {
      const { reason, until } = obstacle;
      return { kind: isAnotherTry(reason) ? 'retrying' : 'paused', reason, until: until.toISOString() };
    }
    case 'activity-failing': {
      const { activityType, attempt, failure, nextAttemptAt } = obstacle;
      const reason = `${activityType}, attempt ${attempt}: ${failure.type}: ${failure.message}`;
      return { kind: 'retrying', reason, ...(nextAttemptAt && { until: nextAttemptAt.toISOString() }) };
    }
    case 'task-failing': {
      const { attempt, failure, remedy } = obstacle;
      const todo = remedy ?? 'look for "Failing workflow task" in the log of the workers';
      return {
        kind: 'stuck',
        reason: `attempt ${attempt} of the workflow task: ${failure.type}: ${failure.message} – ${todo}`,
      };
    }
  }
}

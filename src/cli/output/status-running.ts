import type { Obstacle } from '../../client/obstacles.js';
import type { RunningSyncs, RunningSyncStatus } from '../../client/status/running.js';
import { count, duration } from './text.js';

/** `1 full sync, 3 organizations`. */
export function runningLine({ fullSyncs, orgSyncs, stuck }: RunningSyncs): string {
  if (fullSyncs + orgSyncs === 0) return 'nothing';
  return [
    ...(fullSyncs > 0 ? [count(fullSyncs, 'full sync')] : []),
    ...(orgSyncs > 0 ? [count(orgSyncs, 'organization')] : []),
    ...(stuck.count > 0 ? [`${stuck.count} of them stuck`] : []),
  ].join(', ');
}

/** What each sync does and what it waits for, the most important first. */
export function runningLines(syncs: readonly RunningSyncStatus[], now: Date): { id: string; text: string }[] {
  return syncs.map((sync) => ({
    id: sync.orgId ?? sync.workflowId,
    text: [
      ...sync.obstacles.map((obstacle) => obstacleWords(obstacle, now)),
      ...progressWords(sync, now),
    ].join(' · '),
  }));
}

function obstacleWords(obstacle: Obstacle, now: Date): string {
  switch (obstacle.kind) {
    case 'paused':
      return `paused, ${left(obstacle.until, now)} left: ${obstacle.reason}`;
    case 'not-taken':
      return 'waits for a worker';
    case 'task-failing':
      return `cannot go on, attempt ${obstacle.attempt}: ${obstacle.failure.message}`;
    case 'activity-failing': {
      const { attempt, nextAttemptAt, activityType, failure } = obstacle;
      const when = nextAttemptAt === undefined ? 'now' : `in ${left(nextAttemptAt, now)}`;
      return `${activityType} failed, attempt ${attempt} ${when}: ${failure.type}: ${failure.message}`;
    }
  }
}

function progressWords({ progress, startedAt }: RunningSyncStatus, now: Date): string[] {
  const since = `for ${duration(Math.max(0, now.getTime() - startedAt.getTime()))}`;
  if (progress === undefined) return [since];
  if ('orgs' in progress) {
    const { total, completed, failed, alreadySyncing, running } = progress.orgs;
    const done = `${completed + failed + alreadySyncing} of ${count(total, 'organization')}`;
    return [`${done}${failed > 0 ? `, ${failed} failed` : ''}, ${running} running`, since];
  }
  const { phase, pages, detailsAsked, detailsDue, requests, dryRun } = progress;
  const where = detailsDue > 0 ? `details ${detailsAsked}/${detailsDue}` : `page ${pages}`;
  return [`${dryRun ? 'dry run, ' : ''}${phase}, ${where}`, count(requests, 'request'), since];
}

function left(until: Date, now: Date): string {
  return `${Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1000))} s`;
}

import type { TemporalUnavailable } from '../../client/errors.js';
import type { Obstacle } from '../../client/obstacles.js';
import { clock } from './countdown.js';
import { oneLine } from './text.js';

const NAMED = 3;

/** Obstacles with the same key are told together, and once. Attempts and times are no part of it. */
function groupOf(obstacle: Obstacle): string {
  const { kind } = obstacle;
  switch (kind) {
    case 'not-taken':
      return JSON.stringify([kind, obstacle.taskQueue]);
    case 'paused':
      return JSON.stringify([kind, obstacle.reason.replace(/\d+/g, '')]);
    case 'task-failing':
      return JSON.stringify([kind, obstacle.failure.type, obstacle.failure.message]);
    case 'activity-failing':
      return JSON.stringify([
        kind,
        obstacle.activityType,
        obstacle.failure.type,
        obstacle.failure.message.replace(/\d+/g, ''),
      ]);
  }
}

/** Those that are told together. */
export function grouped(obstacles: readonly Obstacle[]): Map<string, Obstacle[]> {
  const groups = new Map<string, Obstacle[]>();
  for (const obstacle of obstacles) {
    const key = groupOf(obstacle);
    groups.set(key, [...(groups.get(key) ?? []), obstacle]);
  }
  return groups;
}

/**
 * One line about syncs that the same thing holds up.
 * @param workers whether any polls
 */
export function obstacleText(first: Obstacle, more: readonly Obstacle[], workers: boolean): string {
  const who = names([first, ...more]);
  switch (first.kind) {
    case 'not-taken':
      return workers
        ? `No worker has taken the next step of ${who}: those on the task queue ${oneLine(first.taskQueue)} are busy, or gone. Start another one: luma-sync worker`
        : `No worker takes work from the task queue ${oneLine(first.taskQueue)}: the sync waits for one. Start one in another terminal: luma-sync worker`;
    case 'task-failing': {
      const remedy =
        first.remedy === undefined
          ? 'It goes on with a worker that can do it: look at the log of the worker'
          : `Have an operator run: ${first.remedy}`;
      return `${who} cannot go on, attempt ${first.attempt} of the workflow task: ${reason(first.failure)}. ${remedy}`;
    }
    case 'activity-failing': {
      const next =
        first.nextAttemptAt === undefined
          ? `attempt ${first.attempt} is under way`
          : `attempt ${first.attempt} follows at ${clock(first.nextAttemptAt)}`;
      return `${oneLine(first.activityType)} of ${who} fails and is tried again: ${reason(first.failure)}; ${next}`;
    }
    case 'paused':
      return `${who} is paused until ${clock(first.until)}: ${oneLine(first.reason)}`;
  }
}

/** One line about a Temporal that does not answer the command that waits. */
export function temporalAwayText({ address, reason: why, temporary, remedy }: TemporalUnavailable): string {
  return `Temporal at ${oneLine(address)}: ${why}. ${temporary ? 'Trying again.' : remedy}`;
}

function names(obstacles: readonly Obstacle[]): string {
  const ids = [...new Set(obstacles.map(({ workflowId }) => oneLine(workflowId)))];
  const rest = ids.length - NAMED;
  return `${ids.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** `Type: message`, without saying the type twice. */
export function reason({ type, message }: { type: string; message: string }): string {
  return oneLine(type === 'Failed' || message.startsWith(type) ? message : `${type}: ${message}`).replace(
    /\.$/,
    '',
  );
}

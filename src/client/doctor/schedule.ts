import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import type { DeploymentNames } from '../../workflows/contract.js';
import { infoOf } from '../schedule-info.js';
import { scheduleDefinition } from '../schedule.js';
import { fail, pass, type PartCheck, warn } from './check.js';

const APPLY = 'luma-sync schedule apply';

/** Whether the schedule is there, and does what `schedule apply` declares. */
export async function checkSchedule(client: Client, names: DeploymentNames): Promise<PartCheck> {
  const { scheduleId } = names;
  let description: ScheduleDescription;
  try {
    description = await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    return warn('schedule', `there is no schedule ${scheduleId}: nothing is synced by itself`, {
      remedy: 'create it',
      command: APPLY,
    });
  }
  const differences = scheduleDifferences(description, names);
  if (differences.length > 0) {
    return fail('schedule', `${scheduleId} is not as declared: ${differences.join('; ')}`, {
      remedy: 'bring it up to date, with --at or --cron where it is not at 07:00 UTC',
      command: APPLY,
    });
  }
  const { when, paused, note, nextRuns } = infoOf(description);
  if (paused) {
    return warn('schedule', `${scheduleId} is paused${note === undefined ? '' : ` (${note})`}`, {
      remedy: 'let it go on',
      command: 'luma-sync schedule resume',
    });
  }
  const [next] = nextRuns;
  if (next === undefined) {
    return fail('schedule', `${scheduleId} never runs again`, {
      remedy: 'give it times that come',
      command: APPLY,
    });
  }
  return pass('schedule', `${scheduleId}, ${when}, next ${next.toISOString().slice(0, 16)}Z`);
}

/** What somebody changed by other means, as short clauses. Times and input are the operator's to choose. */
function scheduleDifferences(
  { policies, action }: Pick<ScheduleDescription, 'policies' | 'action'>,
  names: DeploymentNames,
): string[] {
  const declared = scheduleDefinition({ spec: {}, when: '', input: {} }, names);
  const compared: [string, unknown, unknown][] = [
    ['overlap', policies.overlap, declared.policies.overlap],
    ['catch-up window in ms', policies.catchupWindow, declared.policies.catchupWindow],
    ['pause on failure', policies.pauseOnFailure, declared.policies.pauseOnFailure],
    ['workflow', action.workflowType, declared.action.workflowType],
    ['workflow id', action.workflowId, declared.action.workflowId],
    ['task queue', action.taskQueue, declared.action.taskQueue],
  ];
  return compared
    .filter(([, is, wanted]) => is !== wanted)
    .map(([what, is, wanted]) => `${what} is ${String(is)} instead of ${String(wanted)}`);
}

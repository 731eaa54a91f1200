import { ScheduleNotFoundError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { TemporalUnavailable } from './errors.js';
import { infoOf } from './schedule-info.js';
import type { TemporalAccess } from './temporal.js';

export interface RunsADay {
  runsADay: number;
  /** `assumed`: daily, because there is no schedule, or Temporal does not answer. */
  basis: 'schedule' | 'assumed';
  /** When it fires, in words; or why that is not known. */
  when: string;
  /** It does not run now. The figures are those of when it does. */
  paused?: true;
}

const DAY_MS = 86_400_000;
/** Four weeks: every weekday as often. */
const DAYS = 28;

/** How often the schedule runs, by Temporal's own reckoning of the next weeks. Never throws for what it finds. */
export async function runsADay(access: TemporalAccess, scheduleId: string, now: Date): Promise<RunsADay> {
  try {
    return await access.use(async (client) => {
      const description = await client.schedule.getHandle(scheduleId).describe();
      const { startTime } = await client.workflowService.listScheduleMatchingTimes({
        ...{ namespace: access.namespace, scheduleId },
        startTime: msToTs(now.getTime()),
        endTime: msToTs(now.getTime() + DAYS * DAY_MS),
      });
      const times = startTime.map(({ seconds }) => Number(seconds) * 1000);
      const { when, paused } = infoOf(description);
      return { runsADay: frequency(times), basis: 'schedule', when, ...(paused ? { paused } : {}) };
    });
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return daily(`there is no schedule ${scheduleId}`);
    if (error instanceof TemporalUnavailable) return daily(`${error.reason} (Temporal at ${error.address})`);
    throw error;
  }
}

function daily(when: string): RunsADay {
  return { runsADay: 1, basis: 'assumed', when };
}

/** Temporal lists so many times at most: then the time between them tells. */
const MOST_TIMES = 1_000;

/** @param times of the next four weeks, ms */
export function frequency(times: readonly number[]): number {
  const [first, last] = [times[0], times.at(-1)];
  if (times.length < MOST_TIMES || first === undefined || last === undefined || last === first) {
    return times.length / DAYS;
  }
  return ((times.length - 1) * DAY_MS) / (last - first);
}

import type { ScheduleDescription } from '@temporalio/client';
import type { FullSyncInput } from '../workflows/contract.js';

export interface ScheduleInfo {
  scheduleId: string;
  /** When it fires, in words; "custom times" for one that was edited by other means. */
  when: string;
  /** Input of the scheduled full syncs. */
  input: FullSyncInput;
  paused: boolean;
  note?: string;
  overlap: string;
  catchupWindowMs: number;
  /** The next ten at most. */
  nextRuns: Date[];
  /** The last ten at most, newest last. */
  recentRuns: { workflowId: string; runId: string; startedAt: Date }[];
  /** Workflow ids that run now. */
  running: string[];
}

/** One thing that `apply` changed, in words. */
export interface ScheduleChange {
  what: string;
  from: string;
  to: string;
}

/** All that `apply` sets, as text that compares: of the server's own answers only. */
export function contents({ spec, policies, action }: ScheduleDescription): string {
  return JSON.stringify({ spec, policies, action });
}

export function infoOf(description: ScheduleDescription): ScheduleInfo {
  const { scheduleId, state, policies, info } = description;
  return {
    scheduleId,
    when: whenOf(description),
    input: inputOf(description),
    paused: state.paused,
    ...(state.note === undefined || state.note === '' ? {} : { note: state.note }),
    overlap: policies.overlap ?? 'UNSPECIFIED',
    catchupWindowMs: policies.catchupWindow,
    nextRuns: info.nextActionTimes,
    recentRuns: info.recentActions.map(({ takenAt, action }) => ({
      workflowId: action.workflow.workflowId,
      runId: action.workflow.firstExecutionRunId,
      startedAt: takenAt,
    })),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
  };
}

export function whenOf({ spec }: ScheduleDescription): string {
  const comments = (spec.calendars ?? [])
    .flatMap(({ comment }) => comment ?? [])
    .filter((text) => text !== '');
  const intervals = (spec.intervals ?? []).map(
    ({ every, offset }) => `every ${every / 1000} s${offset > 0 ? `, ${offset / 1000} s later` : ''}`,
  );
  return [...comments, ...intervals].join(', ') || 'custom times';
}

export function inputOf({ action }: ScheduleDescription): FullSyncInput {
  const args: readonly unknown[] = action.args ?? [];
  const [input] = args;
  return typeof input === 'object' && input !== null ? input : {};
}

/** What became of a schedule, one entry a difference. */
export function changesOf(before: ScheduleDescription, after: ScheduleDescription): ScheduleChange[] {
  const [old, fresh] = [inWords(before), inWords(after)];
  return Object.entries(fresh)
    .map(([what, to]) => ({ what, from: old[what] ?? '', to }))
    .filter(({ from, to }) => from !== to);
}

function inWords(description: ScheduleDescription): Record<string, string> {
  const { policies, action } = description;
  return {
    fires: whenOf(description),
    'time zone': description.spec.timezone ?? 'UTC',
    input: JSON.stringify(inputOf(description)),
    workflow: action.workflowType,
    'workflow id': action.workflowId,
    'task queue': action.taskQueue,
    overlap: policies.overlap ?? 'UNSPECIFIED',
    'catches up within': `${policies.catchupWindow / 1000} s`,
    'pauses after a failure': policies.pauseOnFailure ? 'yes' : 'no',
  };
}

import { workflowInfo } from '@temporalio/workflow';
import { workflowFailure } from './failures.js';

/**
 * The state that a run begins with: what the run before carried over, on top of a fresh one, so that a counter that an
 * older version did not have begins at its beginning. Nobody but a continued run may give one.
 * @throws InvalidInput as an ApplicationFailure
 */
export function carriedOver<State extends object>(
  carried: Partial<State> | undefined | null,
  fresh: State,
): State {
  if (carried === undefined || carried === null) return fresh;
  if (workflowInfo().continuedFromExecutionRunId === undefined) {
    throw workflowFailure({
      type: 'InvalidInput',
      message: 'the input is one JSON object: a second argument is what a run of this workflow carries over',
    });
  }
  return merged(fresh, carried);
}

function merged<T extends object>(fresh: T, carried: Partial<T>): T {
  const result = { ...fresh, ...carried };
  for (const [name, value] of Object.entries(fresh) as [keyof T, unknown][]) {
    const over = carried[name];
    if (isPlain(value) && isPlain(over)) result[name] = merged(value, over) as T[keyof T];
  }
  return result;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

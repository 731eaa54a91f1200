import { ApplicationFailure } from '@temporalio/activity';
import { defaultFailureConverter, defaultPayloadConverter, type MetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { ActivityDependencies } from '../../../src/activities/dependencies.js';
import { namedFailures } from '../../../src/activities/failures.js';
import { type Activities, createActivities } from '../../../src/activities/index.js';

type Name = keyof Activities;
type Input<N extends Name> = Parameters<Activities[N]>[0];
type Output<N extends Name> = Awaited<ReturnType<Activities[N]>>;

/** An environment as a worker makes one for each attempt, failures named; work counts as asked for just now. */
export function environment(
  info: { heartbeatDetails?: unknown; attempt?: number; scheduledTimestampMs?: number } = {},
  onLog: (entry: LogEntry) => void = () => undefined,
  metricMeter?: MetricMeter,
) {
  const logger = new DefaultLogger('TRACE', onLog);
  return new MockActivityEnvironment(
    { scheduledTimestampMs: Date.now(), ...info },
    {
      ...{ logger, metricMeter, interceptors: [namedFailures] },
    },
  );
}

/** Runs one activity in an environment of its own. */
export async function run<N extends Name>(
  deps: ActivityDependencies,
  name: N,
  input: Input<N>,
  env: MockActivityEnvironment = environment(),
): Promise<Output<N>> {
  const activities: { [K in Name]: (input: Input<K>) => Promise<Output<K>> } = createActivities(deps);
  const activity = activities[name];
  return await env.run<[Input<N>], Output<N>, typeof activity>(activity, input);
}

/** The failure as Temporal gets it. */
export async function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`expected an ApplicationFailure, got ${inspect(error)}`);
}

/** A failure in all forms that leave the process: as the history holds it, and as it is printed. */
export function printedFailure(failure: ApplicationFailure): string {
  const proto = defaultFailureConverter.errorToFailure(failure, defaultPayloadConverter);
  return [
    JSON.stringify(proto),
    inspect(failure, { depth: 9, showHidden: true }),
    String(failure.stack),
  ].join('\n');
}

/** Ids as the workflow gives them. */
export function newSync(orgId: string) {
  return { orgId, syncId: randomUUID() };
}

export function openInput(orgId: string) {
  const startedAt = new Date('2090-11-03T18:00:00Z').toISOString();
  return { ...newSync(orgId), workflowId: `luma-org-sync/${orgId}`, startedAt };
}

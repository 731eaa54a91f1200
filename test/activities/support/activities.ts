import { ApplicationFailure } from '@temporalio/activity';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { type ActivityDependencies } from '../../../src/activities/dependencies.js';
import { type Activities, createActivities } from '../../../src/activities/index.js';

type Name = keyof Activities;
type Input<N extends Name> = Parameters<Activities[N]>[0];
type Output<N extends Name> = Awaited<ReturnType<Activities[N]>>;

/** Silent: what an activity logs is Temporal's; a test that cares brings a logger of its own. */
export const noLog = {
  ...{ log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
};

/** An environment as a worker makes one for each attempt; work counts as asked for just now. */
export function environment(info: { heartbeatDetails?: unknown; attempt?: number } = {}) {
  return new MockActivityEnvironment({ scheduledTimestampMs: Date.now(), ...info }, { logger: noLog });
}

/** Runs one activity in an environment of its own. */
export async function run<N extends Name>(
  deps: ActivityDependencies,
  name: N,
  input: Input<N>,
  env: MockActivityEnvironment = environment(),
): Promise<Output<N>> {
  const activity = createActivities(deps)[name] as unknown as (input: Input<N>) => Promise<Output<N>>;
  return await env.run(activity, input);
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
  const startedAt = new Date('2026-11-03T18:00:00Z').toISOString();
  return { ...newSync(orgId), workflowId: `luma-org-sync/${orgId}`, startedAt };
}

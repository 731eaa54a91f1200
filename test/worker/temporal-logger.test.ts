import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { temporalLogger } from '../../src/worker/temporal-logger.js';

function logged(message: string, meta: Record<string, unknown>): Record<string, unknown> {
  const lines: string[] = [];
  temporalLogger(createLogger('info', { write: (line) => void lines.push(line) })).warn(message, meta);
  expect(lines.join()).not.toContain('canary');
  return JSON.parse(lines.join()) as Record<string, unknown>;
}

const ofWorkflow = { workflowId: 'luma-org-sync/acme', workflowType: 'OrgSyncWorkflow' };

it('a bug in workflow code is logged by its name and its places, without what it says', () => {
  const { error } = logged('Workflow failed', {
    ...ofWorkflow,
    error: new TypeError('canary\n    at canary'),
  });
  expect(error).toEqual({ name: 'TypeError', at: expect.any(Array) as string[] });
  expect((error as { at: string[] }).at[0]).toMatch(/temporal-logger\.test\.ts:\d+:\d+/);
});

it('so is the failed workflow task, which the native part writes as one text', () => {
  const { failure } = logged('Failing workflow task', {
    failure: String.raw`Failure { failure: Some(Failure { message: "canary \"x\"", source: "TypeScriptSDK", stack_trace: "/dist/bundle.js:6627\n            throw this.workflowTaskError;\n            ^\n\nTypeError: canary \"x\"\n    at OrgSync.run (/src/workflows/org-sync.ts:64:9)\n    at /src/workflows/org-sync.ts:7:1", encoded_attributes: None, cause: None, failure_info: None }), force_cause: Unspecified }`,
  });
  expect(failure).toEqual({
    name: 'TypeError',
    at: ['at OrgSync.run (/src/workflows/org-sync.ts:64:9)', 'at /src/workflows/org-sync.ts:7:1'],
  });
});

it('a workflow that replays differently says what the SDK says of it', () => {
  const message = '[TMPRL1100] Nondeterminism error: Activity machine does not handle this event';
  const error = Object.assign(new Error(message), { name: 'DeterminismViolationError' });
  expect(logged('Workflow failed', { ...ofWorkflow, error }).error).toMatchObject({ message });
});

it('a failure of this project keeps its type and message, and has no stack', () => {
  const error = ApplicationFailure.nonRetryable('Luma refuses the key (401)', 'LumaKeyRejected');
  expect(logged('Workflow failed', { ...ofWorkflow, error }).error).toEqual({
    ...{ name: 'ApplicationFailure', type: 'LumaKeyRejected', message: 'Luma refuses the key (401)' },
  });
});

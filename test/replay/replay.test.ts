import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, inject, test } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { installRuntime } from '../../src/worker/runtime.js';
import { historyFolders, readVersions, versionsToKeep } from './history-folders.js';
import { scenarios } from './scenarios.js';

// Workflows that run while a new version is deployed go on with the new code: their histories must still fit.
installRuntime(createLogger('silent'));
const root = fileURLToPath(new URL('../../', import.meta.url));
const versions = readVersions(root);
const { current } = versions;
const folders = historyFolders(root);
const files = folders.flatMap(({ version, files: names }) => names.map((name) => `${version}/${name}`));

interface Recorded {
  events: {
    eventType: string;
    workflowExecutionStartedEventAttributes?: { workflowId?: string };
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

const textOf = (file: string) => readFileSync(join(root, 'test/histories', file), 'utf8');
const read = (file: string) => JSON.parse(textOf(file)) as Recorded;
/** Under its own id: a sync looks at it. */
const replay = (history: Recorded) => {
  const workflowId = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  const workflowBundle = { codePath: inject('workflowBundlePath') };
  return Worker.runReplayHistory({ workflowBundle }, history, workflowId);
};
const lastEvent = (file: string) => read(file).events.at(-1)?.eventType ?? '';

test('the version in package.json has a history of every scenario, and of nothing else', () => {
  expect(folders.find(({ version }) => version === current)?.files).toEqual(
    Object.keys(scenarios)
      .map((name) => `${name}.json`)
      .toSorted(),
  );
});

test('released versions keep their histories', () => {
  const kept = versionsToKeep(versions);
  expect(folders.filter(({ files: names }) => names.length > 0).map(({ version }) => version)).toEqual(
    expect.arrayContaining(kept),
  );
});

test('every folder of histories is of a released version, or of the one in package.json', () => {
  const known = [...versions.released, current];
  expect(folders.filter(({ version }) => !known.includes(version))).toEqual([]);
});

test.each(files)('%s replays', async (file) => {
  await replay(read(file));
});

test('a history that does not fit the workflow fails', async () => {
  const history = read(`${current}/org-sync-slices.json`);
  const scheduled = history.events.filter((event) => event.activityTaskScheduledEventAttributes);
  for (const { activityTaskScheduledEventAttributes } of scheduled.slice(1, 2)) {
    if (activityTaskScheduledEventAttributes) {
      activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
    }
  }
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});

test.each([
  ['org-sync-slices', 'WORKFLOW_EXECUTION_COMPLETED'],
  ['org-sync-key-rejected', 'WORKFLOW_EXECUTION_FAILED'],
  ['org-sync-broken-listing', 'WORKFLOW_EXECUTION_FAILED'],
  ['org-sync-canceled-in-a-pause', 'WORKFLOW_EXECUTION_CANCELED'],
  ['org-sync-canceled-while-fetching', 'WORKFLOW_EXECUTION_CANCELED'],
  ['org-sync-continued', 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW'],
  ['org-sync-last-run', 'WORKFLOW_EXECUTION_COMPLETED'],
  ['org-sync-told', 'WORKFLOW_EXECUTION_FAILED'],
  ['notice', 'WORKFLOW_EXECUTION_COMPLETED'],
  ['full-sync-partial', 'WORKFLOW_EXECUTION_COMPLETED'],
  ['full-sync-all-failed', 'WORKFLOW_EXECUTION_FAILED'],
  ['full-sync-canceled', 'WORKFLOW_EXECUTION_CANCELED'],
  ['full-sync-continued', 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW'],
])('%s is the history of what its name says: %s', (name, end) => {
  expect(lastEvent(`${current}/${name}.json`)).toBe(`EVENT_TYPE_${end}`);
});

describe('the recorded files', () => {
  test.each(files)('%s holds no key and nothing of the machine that recorded it', (file) => {
    // Payloads are base64: each is read as text, too.
    const decoded = [...textOf(file).matchAll(/"data": "([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    for (const text of [textOf(file), ...decoded]) {
      expect(text).not.toMatch(/secret-|stackTrace|file:\/\/|node_modules|\d+@\S/);
    }
    const identities = [...textOf(file).matchAll(/"identity": "([^"]*)"/g)].map(([, identity]) => identity);
    expect(new Set(identities)).not.toContain(undefined);
    for (const identity of new Set(identities))
      expect(identity).toMatch(/^(recorder|history-service|[0-9a-f-]{36})?$/);
  });
});

import { describe, expect, it } from 'vitest';
import { watchObstacles } from '../../src/cli/watch-obstacles.js';
import { TemporalUnavailable } from '../../src/client/errors.js';
import type { Obstacle } from '../../src/client/obstacles.js';

/** What is said when one look after the other finds these. */
async function saidOf(
  looks: readonly (Obstacle[] | Error)[],
  { workers = true, withoutPauses = false } = {},
): Promise<string[]> {
  const said: string[] = [];
  const over = new AbortController();
  let at = 0;
  const obstacles = () => {
    const found = looks[at++];
    if (found === undefined) over.abort();
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found ?? []);
  };
  await watchObstacles(() => [{ obstacles }], {
    ...{ signal: over.signal, say: (text) => said.push(text), withoutPauses, firstLookMs: 0, everyMs: 0 },
    hasWorkers: () => Promise.resolve(workers),
  });
  return said;
}

const workflowId = 'luma-org-sync/acme';
const waiting = (step: string): Obstacle => ({ kind: 'not-taken', workflowId, taskQueue: 'luma-sync', step });
const failing = (attempt: number, more: { workflowId?: string; message?: string } = {}): Obstacle => ({
  ...{
    kind: 'activity-failing',
    workflowId: more.workflowId ?? workflowId,
    activityType: 'openOrgSync',
    attempt,
  },
  failure: { type: 'StoreUnavailable', message: more.message ?? 'MongoDB: read organization failed' },
  nextAttemptAt: new Date('2026-01-01T07:00:05Z'),
});

describe('a sync that does not get on', () => {
  it('for want of a worker is said to wait once it has stood still, with the command that starts one', async () => {
    const step = waiting('1');
    expect((await saidOf([[step], [step], [step]], { workers: false })).join()).toMatch(
      /^No worker takes work from the task queue luma-sync.* luma-sync worker$/,
    );
    expect((await saidOf([[step], [step]])).join()).toMatch(/^No worker has taken the next step of .*acme/);
  });

  it('is not spoken of while its steps are taken', async () => {
    expect(await saidOf([[waiting('1')], [waiting('2')], [], [waiting('3')]])).toEqual([]);
  });

  it('is told once for each reason, whatever the attempt, and once that it goes on', async () => {
    const said = await saidOf([
      [failing(2)],
      [failing(3)],
      [failing(4), { ...failing(5, { message: 'MongoDB: other trouble' }) }],
      [],
      [failing(2)],
      [],
    ]);
    expect(said).toEqual([
      'openOrgSync of luma-org-sync/acme fails and is tried again: StoreUnavailable: MongoDB: read organization failed; attempt 2 follows at 07:00:05 UTC',
      expect.stringContaining('other trouble'),
      'It goes on.',
    ]);
  });

  it('with many others for the same reason is one line', async () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((id) => failing(2, { workflowId: id }));
    expect(await saidOf([many])).toEqual([
      expect.stringContaining('openOrgSync of a, b, c and 2 more fails'),
    ]);
  });

  it('because its workflow code fails is said with the reason, and what mends it where that is known', async () => {
    const failure = { type: 'TypeError', message: 'x is\u001b[2J undefined' };
    const task: Obstacle = { kind: 'task-failing', workflowId, attempt: 4, failure };
    expect((await saidOf([[task]])).join()).toMatch(
      /acme cannot go on, attempt 4 of the workflow task: TypeError: x is\\u001b\[2J undefined\. .*log of the worker/,
    );
    const remedy = 'temporal operator search-attribute create';
    expect((await saidOf([[{ ...task, remedy }]])).join()).toContain(`Have an operator run: ${remedy}`);
  });

  it('because of a pause is said to be paused, unless that is shown anyway', async () => {
    const until = new Date('2026-01-01T07:01:00Z');
    const pause: Obstacle = { kind: 'paused', workflowId, until, reason: 'Luma asks for a pause: 60 s' };
    expect(await saidOf([[pause]])).toEqual([
      'luma-org-sync/acme is paused until 07:01:00 UTC: Luma asks for a pause: 60 s',
    ]);
    expect(await saidOf([[pause]], { withoutPauses: true })).toEqual([]);
  });

  it('because Temporal is away is said, and a look that fails otherwise says nothing', async () => {
    const away = new TemporalUnavailable('127.0.0.1:1', 'does not answer', 'start it', true);
    expect(await saidOf([away, away, []])).toEqual([
      'Temporal at 127.0.0.1:1: does not answer. Trying again.',
      'It goes on.',
    ]);
    expect(await saidOf([new Error('no')])).toEqual([]);
  });

  it('because of an outage after what was told before goes on only once both are over, and that is said', async () => {
    const away = new TemporalUnavailable('127.0.0.1:1', 'does not answer', 'start it', true);
    const said = await saidOf([[failing(2)], away, [failing(3)], [failing(4)], []]);
    expect(said).toEqual([
      expect.stringMatching(/^openOrgSync of .* fails/),
      expect.stringMatching(/does not answer/),
      'It goes on.',
    ]);
  });
});

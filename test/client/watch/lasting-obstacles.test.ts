import { expect, it } from 'vitest';
import type { Obstacle } from '../../../src/client/obstacles.js';
import { lastingObstacles } from '../../../src/client/watch/lasting-obstacles.js';

const step = (name: string): Obstacle => ({
  ...{ kind: 'not-taken', workflowId: 'luma-org-sync/acme', taskQueue: 'luma-sync', step: name },
});

it('a step holds a sync up once nobody has taken it for two seconds; everything else does at once', () => {
  const since = new Map<string, number>();
  const pause: Obstacle = { kind: 'paused', workflowId: 'w', until: new Date(), reason: 'Luma asks for it' };
  expect(lastingObstacles([step('1'), pause], since, 0)).toEqual([pause]);
  expect(lastingObstacles([step('1')], since, 1_900)).toEqual([]);
  expect(lastingObstacles([step('1')], since, 2_000)).toEqual([step('1')]);
  expect(lastingObstacles([step('2')], since, 2_100)).toEqual([]);
  expect(lastingObstacles([step('1')], since, 2_200)).toEqual([]);
});

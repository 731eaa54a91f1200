import type { Obstacle } from '../obstacles.js';

/** A step that nobody has taken for so long waits for a worker: one that is there takes it at once. */
const TAKEN_WITHIN_MS = 2_000;

/**
 * Obstacles without the steps that have just come up.
 * @param stepsSince when each step was first seen, ms since the epoch; brought up to date
 */
export function lastingObstacles(
  obstacles: readonly Obstacle[],
  stepsSince: Map<string, number>,
  nowMs: number,
): Obstacle[] {
  const steps = new Set(obstacles.flatMap((one) => (one.kind === 'not-taken' ? one.step : [])));
  for (const step of stepsSince.keys()) if (!steps.has(step)) stepsSince.delete(step);
  for (const step of steps) if (!stepsSince.has(step)) stepsSince.set(step, nowMs);
  return obstacles.filter(
    (one) => one.kind !== 'not-taken' || nowMs - (stepsSince.get(one.step) ?? nowMs) >= TAKEN_WITHIN_MS,
  );
}

import { expect, it } from 'vitest';
import {
  newPace,
  type Pace,
  timeLeftMs,
  type WorkSample,
  withSample,
} from '../../../src/client/watch/pace.js';
import recorded from './recorded-paces.json' with { type: 'json' };

/**
 * First syncs of one organization, as `sync --watch --json` told them: ms since the sync began, phase, requests made and
 * left, and until when it was paused.
 */
const recordings = recorded.map(({ name, totalMs, samples }) => ({
  ...{ name, totalMs },
  samples: samples.map(([atMs, phase, done, left, pausedUntilMs]) => ({
    ...{ atMs: Number(atMs), phase: String(phase), done: Number(done) },
    left: left === null ? null : Number(left),
    pausedUntilMs: pausedUntilMs === null ? undefined : Number(pausedUntilMs),
  })),
}));

interface Look {
  share: number;
  phase: string;
  /** How far the expected end is from the real one, as a share of the whole; `null`: none is expected. */
  error: number | null;
}

/** Each second, by what was told until then. */
function looksOf(totalMs: number, samples: readonly WorkSample[]): Look[] {
  const looks: Look[] = [];
  let pace: Pace | undefined;
  samples.forEach((sample, index) => {
    pace = pace === undefined ? newPace(0, 0, sample) : withSample(pace, sample);
    const untilMs = samples[index + 1]?.atMs ?? totalMs;
    for (let atMs = sample.atMs; atMs < untilMs; atMs += 1_000) {
      const leftMs = timeLeftMs(pace, atMs);
      const error = leftMs === null ? null : Math.abs(atMs + leftMs - totalMs) / totalMs;
      looks.push({ share: atMs / totalMs, phase: sample.phase, error });
    }
  });
  return looks;
}

it.each(recordings)(
  '$name: the end is within a fifth from the first tenth on, a few seconds after all is listed',
  ({ name, totalMs, samples }) => {
    // Nothing tells that there is no limit before more was done than Luma's own lets pass.
    const from = name.includes('without a limit') ? 0.45 : 0.1;
    const looks = looksOf(totalMs, samples).filter(
      ({ share, phase }) => share >= from && phase !== 'listing',
    );
    const first = looks.findIndex(({ error }) => error !== null);
    expect(first).toBeLessThanOrEqual(3);
    expect(looks.length).toBeGreaterThan(20);
    expect(looks.slice(first).filter(({ error }) => error === null || error > 0.2)).toEqual([]);
  },
);

import { setTimeout as delay } from 'node:timers/promises';
import { TemporalUnavailable } from '../client/errors.js';
import type { Obstacle } from '../client/obstacles.js';
import { grouped, obstacleText, temporalAwayText } from './output/obstacles.js';

/** A worker that is there has taken the work by then. */
const FIRST_LOOK_MS = 2_000;
const LOOK_EVERY_MS = 3_000;
/** What came and went is not told again before. */
const SILENCE_MS = 300_000;

export interface WatchOptions {
  signal: AbortSignal;
  say: (text: string) => void;
  /** Whether any worker polls. */
  hasWorkers: () => Promise<boolean>;
  /** Pauses that Luma asked for are left out: they are shown elsewhere. */
  withoutPauses?: boolean;
  firstLookMs?: number;
  everyMs?: number;
}

/**
 * Says why syncs that are waited for do not get on: once for each reason, and once that it is over. Never fails; ends
 * with `signal`.
 * @param syncs those under way; asked for at every look
 */
export async function watchObstacles(
  syncs: () => readonly { obstacles(): Promise<Obstacle[]> }[],
  options: WatchOptions,
): Promise<void> {
  const { signal, say, firstLookMs = FIRST_LOOK_MS, everyMs = LOOK_EVERY_MS } = options;
  const saidAt = new Map<string, number>();
  let present = new Set<string>();
  /** Something was said, and since then not that it is over. */
  let isOwed = false;
  let stepsBefore = new Set<string>();

  async function look(): Promise<Map<string, string>> {
    const found = (await Promise.all(syncs().map((sync) => sync.obstacles()))).flat();
    const steps = new Set(found.flatMap((one) => (one.kind === 'not-taken' ? [stepOf(one)] : [])));
    const groups = grouped(
      found.filter((obstacle) => {
        // A step that was there at the last look too: a worker takes one at once.
        if (obstacle.kind === 'not-taken') return stepsBefore.has(stepOf(obstacle));
        return obstacle.kind !== 'paused' || options.withoutPauses !== true;
      }),
    );
    stepsBefore = steps;
    const texts = new Map<string, string>();
    for (const [key, [first, ...more]] of groups) {
      if (first === undefined) continue;
      const workers = first.kind !== 'not-taken' || (await options.hasWorkers());
      texts.set(key, obstacleText(first, more, workers));
    }
    return texts;
  }

  function tell(texts: ReadonlyMap<string, string>): void {
    const now = performance.now();
    for (const [key, text] of texts) {
      const before = saidAt.get(key);
      if (present.has(key) || (before !== undefined && now - before < SILENCE_MS)) continue;
      saidAt.set(key, now);
      say(text);
      isOwed = true;
    }
    if (isOwed && texts.size === 0) {
      say('It goes on.');
      isOwed = false;
    }
    // Of what was not said, as it was said lately, nobody waits to hear that it is over.
    present = new Set([...texts.keys()].filter((key) => present.has(key) || saidAt.get(key) === now));
  }

  const over = () => signal.aborted;
  await delay(firstLookMs, undefined, { signal }).catch(() => undefined);
  while (!over()) {
    const texts = await look().catch((error: unknown) =>
      error instanceof TemporalUnavailable ? new Map([['temporal', temporalAwayText(error)]]) : null,
    );
    // A look that did not succeed tells nothing.
    if (texts !== null && !over()) tell(texts);
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

function stepOf({ workflowId, step }: Extract<Obstacle, { kind: 'not-taken' }>): string {
  return JSON.stringify([workflowId, step]);
}

import { setTimeout as delay } from 'node:timers/promises';

/** A worker that is there has taken the work by then. */
const PATIENCE_MS = 5_000;

/**
 * Says after a while that no worker takes work, where that is so: a sync would wait for one without a word.
 * Never fails: a look that does not succeed says nothing.
 */
export async function watchForWorker(
  hasWorkers: () => Promise<boolean>,
  options: { signal: AbortSignal; taskQueue: string; say: (text: string) => void; patienceMs?: number },
): Promise<void> {
  const { signal, taskQueue, say, patienceMs = PATIENCE_MS } = options;
  try {
    await delay(patienceMs, undefined, { signal });
    if (await hasWorkers()) return;
  } catch {
    return;
  }
  if (signal.aborted) return;
  say(
    `No worker takes work from the task queue ${taskQueue}: the sync waits for one. Start one in another terminal: luma-sync worker`,
  );
}

import type { Store } from '../../mongo/store.js';
import type { RunningWorker } from '../../worker.js';
import { shared } from './shared.js';
import { within } from '../../within.js';

/** Whether a worker can work. */
export interface Readiness {
  ready: boolean;
  /** Why not, for people. */
  reasons: string[];
  /** Which answered; of one that was not asked yet, `false`. */
  mongodb: boolean;
  temporal: boolean;
}

/** What a process depends on, as far as its start has come. */
export interface Watched {
  store?: Pick<Store, 'db'>;
  worker?: Pick<RunningWorker, 'isPolling' | 'askTemporal'>;
}

/** Below the time that whoever asks usually waits: Kubernetes a second or more, Prometheus ten. */
const ANSWER_LIMIT_MS = 3_000;
/** Probes cannot make more than this of one question a second. */
const FRESH_MS = 1_000;

/**
 * A worker is ready while it takes work from Temporal and both servers answer. It asks them what every worker may ask:
 * MongoDB a ping, Temporal for the description of its namespace, on the connection that it polls on.
 * @param what of a process that is no worker: what it is called
 */
export function readinessOf(watched: Watched, what = 'worker'): () => Promise<Readiness> {
  return shared(
    async () => {
      const { store, worker } = watched;
      const [mongodb, temporal] = await Promise.all([
        answers(store?.db.command({ ping: 1 })),
        answers(worker?.askTemporal()),
      ]);
      const reasons: string[] = [];
      if (store !== undefined && !mongodb) reasons.push('MongoDB does not answer');
      if (worker !== undefined && !temporal) reasons.push('Temporal does not answer');
      if (worker === undefined) reasons.push(`the ${what} is starting`);
      else if (!worker.isPolling()) reasons.push(`the ${what} takes no more work`);
      return { ready: reasons.length === 0, reasons, mongodb, temporal };
    },
    () => FRESH_MS,
  );
}

/** Why something does not answer is in the log of whoever needed it: a probe's answer names no address and no reason. */
async function answers(question: Promise<unknown> | undefined): Promise<boolean> {
  if (question === undefined) return false;
  try {
    await within(ANSWER_LIMIT_MS, question);
    return true;
  } catch {
    return false;
  }
}

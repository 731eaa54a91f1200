import type { CalendarSource } from '../luma/calendar-source.js';
import type { RateBudget } from '../luma/rate-limit.js';
import type { NewStagedPage } from '../mongo/staged-pages.js';
import { isUnclear, MAX_UNCLEAR } from '../policies/unclear.js';
import { type AskableSource, askEvents, type EventAnswer } from './ask-events.js';
import { type ActivityDependencies, DEFAULT_DETAILS, DEFAULT_SLICE } from './dependencies.js';
import { countedIn, type RequestTally } from './heartbeat.js';
import { sortMapped } from './sort-mapped.js';
import type { SyncScope } from './sync-scope.js';
import { NO_WAIT, type Wait, waitAfter } from './wait.js';

export interface AskContext {
  scope: SyncScope;
  tally: RequestTally;
  signal: AbortSignal;
  /** Calls before this one in which Luma could not be reached. */
  failedInARow: number;
}

/** How far the asking about single events has come, by what is staged. Grows as it goes on. */
export interface Asking {
  phase: 'details' | 'removals';
  /** Still to be asked for, in this order. */
  open: string[];
  /** Batches staged so far. */
  batches: number;
  /** How many of the answers said nothing. */
  unclear: number;
}

export interface BatchMeans {
  /** What is staged of a batch beside the events. */
  staged: (answers: readonly EventAnswer[], unclear: readonly string[]) => Partial<NewStagedPage>;
  /** Nothing more has to be known. Default: never. */
  isEnough?: () => boolean;
}

/**
 * Asks for events some at a time, and stages each batch: what is staged is not asked for again by a retry. Ends when
 * there is no time left, when Luma has to be waited for, or with too many answers that say nothing.
 * @returns how to wait, and why the rest was given up, if it was
 */
export async function askInBatches(
  deps: ActivityDependencies,
  { scope, tally, signal, failedInARow }: AskContext,
  asking: Asking,
  { staged, isEnough = () => false }: BatchMeans,
): Promise<{ wait: Wait; problem?: string }> {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const { inFlight, batch } = { ...DEFAULT_DETAILS, ...deps.details };
  const { durationMs } = { ...DEFAULT_SLICE, ...deps.slice };
  const { org, source, syncId, allowed } = scope;
  const { phase, open } = asking;
  if (!isAskable(source)) return { wait: NO_WAIT };

  let left: RateBudget | null = null;
  const begun = now().getTime();
  const enough = () => now().getTime() - begun >= durationMs;
  while (open.length > 0 && !isEnough() && !enough()) {
    const observedAt = now();
    const { answers, pauseMs, failure, budget } = await askEvents(source, open.slice(0, batch), {
      ...{ inFlight, signal, enough, budget: left, counted: countedIn(tally) },
    });
    left = budget;
    const isNothing = failure !== null && isUnclear(failure.error, failedInARow);
    const unclear = isNothing ? [failure.lumaEventId] : [];
    if (answers.length + unclear.length > 0) {
      asking.unclear += unclear.length;
      await store.stagedPages.add({
        ...{ syncId, orgId: org._id, phase, seq: asking.batches + 1, observedAt },
        ...{ entries: answers.length, undescribed: [] },
        ...sortMapped(
          answers.flatMap((answer) => (answer.kind === 'found' ? answer.mapped : [])),
          allowed,
        ),
        ...staged(answers, unclear),
      });
      asking.batches++;
      const done = new Set([...answers.map(({ lumaEventId }) => lumaEventId), ...unclear]);
      open.splice(0, open.length, ...open.filter((id) => !done.has(id)));
    }
    if (failure !== null && !isNothing) return { wait: waitAfter(failure.error) };
    if (failure !== null && asking.unclear >= MAX_UNCLEAR) {
      return { wait: NO_WAIT, problem: failure.error.message };
    }
    if (pauseMs > 0 && open.length > 0) return { wait: { pauseMs } };
  }
  return { wait: NO_WAIT };
}

function isAskable(source: CalendarSource): source is AskableSource {
  return source.getEvent !== null;
}

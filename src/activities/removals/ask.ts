import { mustHold, type RemovalGuard } from '../../events/removal-guard.js';
import { isGone, type RemovalQuestion } from '../../events/removals.js';
import type { RateBudget } from '../../luma/rate-limit.js';
import type { RemovalVerdict } from '../../mongo/documents.js';
import { askEvents, type EventAnswer } from '../ask-events.js';
import { type ActivityDependencies, DEFAULT_DETAILS, DEFAULT_SLICE } from '../dependencies.js';
import type { RequestTally } from '../heartbeat.js';
import { sortMapped } from '../sort-mapped.js';
import type { SyncScope } from '../sync-scope.js';
import { isUnclear, MAX_UNCLEAR } from '../../policies/unclear.js';
import { NO_WAIT, type Wait, waitAfter } from '../wait.js';

/**
 * Asks Luma for each event in question that it can be asked for, staging its answers and adding them to the
 * question's verdicts. Ends early where so many are gone that nothing would go anyway.
 *
 * @returns how to wait before going on; `null` when there is nothing more to ask
 */
export async function askAboutRemovals(
  deps: ActivityDependencies & { guard: RemovalGuard },
  question: RemovalQuestion,
  context: { scope: SyncScope; tally: RequestTally; signal: AbortSignal; failedInARow: number },
): Promise<Wait | null> {
  const { luma, store, guard } = deps;
  const now = deps.now ?? store.now;
  const { inFlight, batch, requests } = { ...DEFAULT_DETAILS, ...deps.details };
  const { durationMs } = { ...DEFAULT_SLICE, ...deps.slice };
  const { scope, tally, signal, failedInARow } = context;
  const { org, apiKey, syncId, allowed } = scope;
  const { verdicts, approved } = question;
  const unapprovedGone = () =>
    [...verdicts].filter(([id, verdict]) => isGone(verdict) && !approved.has(id)).length;

  const open = question.askable.map(({ lumaEventId }) => lumaEventId).filter((id) => !verdicts.has(id));
  let left: RateBudget | null = null;
  const begun = now().getTime();
  const enough = () => now().getTime() - begun >= durationMs;
  while (open.length > 0 && !mustHold(unapprovedGone() + question.waitingElsewhere, question.total, guard)) {
    if (enough()) return NO_WAIT;
    const observedAt = now();
    const { answers, pauseMs, failure, budget } = await askEvents(luma, open.slice(0, batch), {
      ...{ apiKey, inFlight, signal, enough, budget: left },
      onRequest: () => tally.requests++,
    });
    left = budget;
    const said = answers.map(verdictOf);
    if (failure !== null && isUnclear(failure.error, failedInARow))
      said.push(unresolved(failure.lumaEventId));
    // Trouble with all of them is not asked for one by one, nor is a calendar that shows none of its events.
    const unclear = [...verdicts.values(), ...said.map(({ verdict }) => verdict)].filter(
      (v) => v === 'unresolved',
    );
    if (unclear.length >= MAX_UNCLEAR || verdicts.size + said.length >= requests) {
      const rest = open.filter((id) => !said.some(({ lumaEventId }) => lumaEventId === id));
      said.push(...rest.map(unresolved));
    }
    if (said.length > 0) {
      const found = answers.flatMap((answer) => (answer.kind === 'found' ? answer.mapped : []));
      await store.stagedPages.add({
        syncId,
        orgId: org._id,
        phase: 'removals',
        seq: question.batches + 1,
        observedAt,
        entries: answers.length,
        undescribed: [],
        ...sortMapped(found, allowed),
        verdicts: said,
      });
      question.batches++;
      for (const { lumaEventId, verdict } of said) {
        verdicts.set(lumaEventId, verdict);
        open.splice(open.indexOf(lumaEventId), 1);
      }
    }
    if (failure !== null && !isUnclear(failure.error, failedInARow)) return waitAfter(failure.error);
    if (pauseMs > 0 && open.length > 0) return { pauseMs };
  }
  return null;
}

function unresolved(lumaEventId: string): RemovalVerdict {
  return { lumaEventId, verdict: 'unresolved' };
}

function verdictOf({ lumaEventId, kind }: EventAnswer): RemovalVerdict {
  const verdict = { found: 'kept', 'not-found': 'canceled', 'not-managed': 'no-longer-managed' } as const;
  return { lumaEventId, verdict: verdict[kind] };
}

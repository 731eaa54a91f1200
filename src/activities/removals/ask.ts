import { mustHold, type RemovalGuard } from '../../events/removal-guard.js';
import { isGone } from '../../events/removals.js';
import { allowedVisibilities } from '../../events/visibility.js';
import type { RateBudget } from '../../luma/rate-limit.js';
import type { RemovalVerdict } from '../../mongo/documents.js';
import type { SyncableOrg } from '../../mongo/organizations.js';
import { askEvents, type EventAnswer } from '../ask-events.js';
import { type ActivityDependencies, DEFAULT_DETAILS, DEFAULT_SLICE } from '../dependencies.js';
import type { RequestTally } from '../heartbeat.js';
import { sortMapped } from '../sort-mapped.js';
import { isUnclear, MAX_UNCLEAR } from '../unclear.js';
import type { RemovalQuestion } from './question.js';

/**
 * Asks Luma for each event in question that it can be asked for, staging its answers and adding them to the
 * question's verdicts. Ends early where so many are gone that nothing would go anyway.
 *
 * @returns how long to pause, ms, before going on; `null` when there is nothing more to ask
 */
export async function askAboutRemovals(
  deps: ActivityDependencies & { guard: RemovalGuard },
  question: RemovalQuestion,
  context: { org: SyncableOrg; apiKey: string; syncId: string; tally: RequestTally; signal: AbortSignal },
): Promise<number | null> {
  const { luma, store, guard, now = () => new Date() } = deps;
  const { inFlight, batch, requests } = { ...DEFAULT_DETAILS, ...deps.details };
  const { durationMs } = { ...DEFAULT_SLICE, ...deps.slice };
  const { org, apiKey, syncId, tally, signal } = context;
  const { verdicts, approved } = question;
  const unapprovedGone = () =>
    [...verdicts].filter(([id, verdict]) => isGone(verdict) && !approved.has(id)).length;

  const open = question.askable.map(({ lumaEventId }) => lumaEventId).filter((id) => !verdicts.has(id));
  let newestMs = (await store.stagedPages.newestObservedAt(org._id))?.getTime() ?? 0;
  let left: RateBudget | null = null;
  const begun = now().getTime();
  const enough = () => now().getTime() - begun >= durationMs;
  while (open.length > 0 && !mustHold(unapprovedGone() + question.waitingElsewhere, question.total, guard)) {
    if (enough()) return 0;
    newestMs = Math.max(now().getTime(), newestMs + 1);
    const { answers, pauseMs, failure, budget } = await askEvents(luma, open.slice(0, batch), {
      ...{ apiKey, inFlight, signal, enough, budget: left },
      onRequest: () => tally.requests++,
    });
    left = budget;
    const said = answers.map(verdictOf);
    if (failure !== null && isUnclear(failure.error)) said.push(unresolved(failure.lumaEventId));
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
        observedAt: new Date(newestMs),
        entries: answers.length,
        undescribed: [],
        ...sortMapped(found, allowedVisibilities(org.visibilityWish)),
        verdicts: said,
      });
      question.batches++;
      for (const { lumaEventId, verdict } of said) {
        verdicts.set(lumaEventId, verdict);
        open.splice(open.indexOf(lumaEventId), 1);
      }
    }
    if (failure !== null && !isUnclear(failure.error)) throw failure.error;
    if (pauseMs > 0 && open.length > 0) return pauseMs;
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

import type { RemovalGuard } from '../../events/removal-guard.js';
import { isEnoughToHold, type RemovalQuestion } from '../../events/removals.js';
import type { RemovalVerdict } from '../../mongo/documents.js';
import { MAX_UNCLEAR } from '../../policies/unclear.js';
import { type AskContext, type Asking, askInBatches } from '../ask-in-batches.js';
import type { EventAnswer } from '../ask-events.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from '../dependencies.js';
import type { Wait } from '../wait.js';

/**
 * Asks Luma for each event in question that it can be asked for, staging its answers and adding them to the
 * question's verdicts. Ends early where so many are gone that nothing would go anyway.
 *
 * @returns how to wait before going on; `null` when there is nothing more to ask
 */
export async function askAboutRemovals(
  deps: ActivityDependencies & { guard: RemovalGuard },
  question: RemovalQuestion,
  context: AskContext,
): Promise<Wait | null> {
  const { requests } = { ...DEFAULT_DETAILS, ...deps.details };
  const { verdicts } = question;
  const fromFeed = new Set(
    question.askable.filter(({ source }) => source === 'ical').map(({ lumaEventId }) => lumaEventId),
  );
  const unresolved = [...verdicts.values()].filter((verdict) => verdict === 'unresolved');
  const asking: Asking = {
    phase: 'removals',
    open: question.askable.map(({ lumaEventId }) => lumaEventId).filter((id) => !verdicts.has(id)),
    batches: question.batches,
    unclear: unresolved.length,
  };
  const isEnough = () => isEnoughToHold(question, deps.guard);
  const staged = (answers: readonly EventAnswer[], unclear: readonly string[]) => {
    const said = [
      ...answers.map((answer) => verdictOf(answer, fromFeed.has(answer.lumaEventId))),
      ...unclear.map(unresolvedVerdict),
    ];
    // Trouble with all of them is not asked for one by one, nor is a calendar that shows none of its events.
    if (asking.unclear >= MAX_UNCLEAR || verdicts.size + said.length >= requests) {
      const known = new Set(said.map(({ lumaEventId }) => lumaEventId));
      said.push(
        ...asking.open
          .splice(0)
          .filter((id) => !known.has(id))
          .map(unresolvedVerdict),
      );
    }
    for (const { lumaEventId, verdict } of said) verdicts.set(lumaEventId, verdict);
    return { verdicts: said };
  };
  const { wait } = await askInBatches(deps, context, asking, { staged, isEnough });
  question.batches = asking.batches;
  return asking.open.length === 0 || isEnough() ? null : wait;
}

function unresolvedVerdict(lumaEventId: string): RemovalVerdict {
  return { lumaEventId, verdict: 'unresolved' };
}

/** @param isFromFeed the key may never have managed it, so that a refusal is no word: only “canceled” is one */
function verdictOf(answer: EventAnswer, isFromFeed: boolean): RemovalVerdict {
  const { lumaEventId, kind } = answer;
  const isRefusal = kind === 'not-managed' || (kind === 'not-found' && !answer.canceled);
  if (isFromFeed && isRefusal) return { lumaEventId, verdict: 'refused' };
  const verdict = { found: 'kept', 'not-found': 'canceled', 'not-managed': 'no-longer-managed' } as const;
  return { lumaEventId, verdict: verdict[kind] };
}

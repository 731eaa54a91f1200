import { type EventCounts, noEvents } from '../events/counts.js';
import type { EventState } from '../events/event-state.js';
import type { RemovalVerdict, StagedPageDoc } from '../mongo/documents.js';
import type { AnsweredEvents } from '../mongo/staged-pages.js';
import { applyPages } from './apply-pages.js';
import type { EventAnswer } from './ask-events.js';
import { type Asking, askInBatches } from './ask-in-batches.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { removalsWriter } from './settle-removals.js';
import { enterSync, type SyncIds, type SyncScope } from './sync-scope.js';
import { NO_WAIT, type Wait } from './wait.js';

export interface FollowHintsInput extends SyncIds {
  /** Events that Luma can be asked for, each once. */
  hintedIds: string[];
  /** Calls before this one in which Luma could not be reached. Default 0. */
  failedInARow?: number;
}

export interface FollowHintsOutput extends Wait {
  /** Everything was asked, and is carried out. */
  complete: boolean;
  /** Events asked for so far. */
  asked: number;
  events: EventCounts;
  /** Luma's answer decides nothing: as stored, until the next sync of the calendar. */
  unresolved: number;
  /** Of some events only a listing tells. */
  needsListing: boolean;
  /** When the first of them was asked for, ms since 1970. */
  askedFromMs: number;
  requests: number;
}

const NOTHING_DONE = { events: noEvents(), unresolved: 0, needsListing: false, askedFromMs: 0 };

const NOT_ASKABLE: FollowHintsOutput = {
  ...{ complete: true, asked: 0, requests: 0, ...NOTHING_DONE, needsListing: true, ...NO_WAIT },
};

/**
 * Asks Luma for the events that a hint has named, and carries out what it says, by the rules of a sync of the whole
 * calendar. A stored event goes only where Luma says in so many words that it was canceled, and under the same guard.
 * What else speaks for a removal (403, another 404) is left to a listing, as are events that the key does not manage.
 */
export function followHints(deps: ActivityDependencies) {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const { maxAgeMs: detailsMaxAgeMs } = { ...DEFAULT_DETAILS, ...deps.details };
  const { carryOut } = removalsWriter(deps);

  return async (input: FollowHintsInput): Promise<FollowHintsOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, hintedIds, failedInARow = 0 } = input;
      const scope = await enterSync(deps, input);
      // Of a feed nothing is asked alone.
      if (scope.source.getEvent === null) return NOT_ASKABLE;
      const [asking, verdictOf] = await Promise.all([askingFor(scope, hintedIds), judge(scope, hintedIds)]);
      const context = { scope, tally, signal, failedInARow };
      const { wait, problem } = await askInBatches(deps, context, asking, {
        staged: (answers, unclear) => {
          const judged = answers.map(verdictOf);
          return {
            verdicts: judged.map(({ lumaEventId, verdict }) => ({ lumaEventId, verdict })),
            needListing: judged.flatMap((one) => (one.needsListing ? one.lumaEventId : [])),
            unclear: [...unclear],
          };
        },
      });
      const asked = hintedIds.length - asking.open.length;
      const progress = { asked, requests: tally.requests };
      if (asking.open.length > 0 && problem === undefined) {
        return { complete: false, ...progress, ...NOTHING_DONE, ...wait };
      }
      const said = await store.stagedPages.answered(syncId, 'removals');
      const pages = await store.stagedPages.range(syncId, 'removals', 1, asking.batches);
      const { events, unresolved } = await apply(scope, said, { pages, signal });
      return {
        complete: true,
        ...progress,
        events: { ...events, seen: asked },
        unresolved: unresolved + said.unclear + asking.open.length,
        needsListing: said.needListing.length > 0,
        askedFromMs: pages[0]?.observedAt.getTime() ?? 0,
        ...NO_WAIT,
      };
    });

  async function askingFor({ syncId }: SyncScope, hintedIds: readonly string[]): Promise<Asking> {
    const { ids, unclear, pages } = await store.stagedPages.answered(syncId, 'removals');
    const open = [...new Set(hintedIds)].filter((id) => !ids.has(id));
    return { phase: 'removals', open, batches: pages, unclear };
  }

  /** What an answer says about an event, by what is known of it. */
  async function judge({ org }: SyncScope, ids: readonly string[]): Promise<(answer: EventAnswer) => Judged> {
    const [stored, states] = await Promise.all([
      store.events.expected(org._id, undefined, undefined, ids),
      store.states.read(org._id, ids),
    ]);
    const isStored = new Set(stored.map(({ lumaEventId }) => lumaEventId));
    return (answer) => judged(answer, isStored.has(answer.lumaEventId), states.get(answer.lumaEventId));
  }

  async function apply(
    scope: SyncScope,
    { verdicts, hidden }: AnsweredEvents,
    { pages, signal }: { pages: readonly StagedPageDoc[]; signal: AbortSignal },
  ): Promise<{ events: EventCounts; unresolved: number }> {
    const { org, syncId } = scope;
    const options = { now, detailsMaxAgeMs, signal };
    const applied = await applyPages(store, { orgId: org._id, syncId }, pages, options);
    const { inserted, changed, unchanged, quarantined } = applied;
    const events = { ...noEvents(), inserted, changed, unchanged, removed: applied.removed, quarantined };
    const canceled = verdicts.filter(({ verdict }) => verdict === 'canceled');
    const only = [...new Set([...canceled.map(({ lumaEventId }) => lumaEventId), ...hidden])];
    if (only.length === 0) return { events, unresolved: 0 };
    const settled = await carryOut(scope, { window: undefined, applied, signal, only });
    const { removed, held, unresolved } = settled;
    return { events: { ...events, removed, held }, unresolved };
  }
}

interface Judged extends RemovalVerdict {
  needsListing: boolean;
}

function judged(answer: EventAnswer, isStored: boolean, state: EventState | undefined): Judged {
  const { lumaEventId, kind } = answer;
  if (kind === 'found') return { lumaEventId, verdict: 'kept', needsListing: false };
  if (kind === 'not-managed') return { lumaEventId, verdict: 'unresolved', needsListing: true };
  // Luma says 404 of every event that the key does not manage.
  const isWord = answer.canceled && state?.managed !== false;
  if (isStored && isWord) return { lumaEventId, verdict: 'canceled', needsListing: false };
  return { lumaEventId, verdict: 'unresolved', needsListing: isStored };
}

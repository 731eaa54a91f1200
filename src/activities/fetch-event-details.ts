import { type DueDetails, inOrderOfUse, whyDetailsAreDue } from '../events/details-due.js';
import type { OrgId } from '../mongo/documents.js';
import { type Asking, askInBatches } from './ask-in-batches.js';
import { type ActivityDependencies, DEFAULT_DETAILS } from './dependencies.js';
import { type RequestTally, underHeartbeat } from './heartbeat.js';
import { enterSync, type SyncIds } from './sync-scope.js';
import type { Wait } from './wait.js';

export interface FetchEventDetailsInput extends SyncIds {
  /** Calls before this one in which Luma could not be reached. Default 0. */
  failedInARow?: number;
}

export interface FetchEventDetailsOutput extends Wait, RequestTally {
  /** Sequence of the last batch staged so far, by whichever attempt; 0: none. */
  throughSeq: number;
  /** Nothing more is asked for in this sync. */
  complete: boolean;
  /** Events asked for in this sync so far. */
  asked: number;
  /** Due, and left for a later sync: over the budget, or without a clear answer. */
  pending: number;
  /** Why details were given up for this sync. */
  problem?: string;
}

/**
 * Asks for the details of events that the listing of this sync showed and that are due, soonest first, a few
 * requests in flight. Answers are staged some at a time; what is staged is not asked for again by a retry.
 */
export function fetchEventDetails(deps: ActivityDependencies) {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const { requests, maxAgeMs, sliceRequests } = { ...DEFAULT_DETAILS, ...deps.details };

  /** What is due in this sync and not asked for yet, in order of use, and how much of it goes over the budget. */
  async function plan(orgId: OrgId, syncId: string) {
    const { undescribed, sameUndescribed } = await store.stagedPages.listed(syncId);
    const stored = await store.events.starts(orgId, sameUndescribed);
    const { ids: asked, unclear, pages: batches } = await store.stagedPages.answered(syncId, 'details');
    const starts = new Map(
      [...undescribed, ...stored].map(({ lumaEventId, startAt }) => [lumaEventId, startAt]),
    );
    const open = [...starts.keys()].filter((id) => !asked.has(id));
    const states = await store.states.read(orgId, open);
    const at = now();
    const due = open
      .flatMap((lumaEventId): DueDetails[] => {
        const startAt = starts.get(lumaEventId) ?? at;
        const reason = whyDetailsAreDue(states.get(lumaEventId) ?? {}, startAt, { now: at, maxAgeMs });
        return reason === null ? [] : [{ lumaEventId, startAt, reason }];
      })
      .sort(inOrderOfUse(at))
      .map(({ lumaEventId }) => lumaEventId);
    const left = Math.max(0, requests - asked.size);
    return {
      open: due.slice(0, left),
      over: Math.max(0, due.length - left),
      unclear,
      batches,
      asked: asked.size,
    };
  }

  return async (input: FetchEventDetailsInput): Promise<FetchEventDetailsOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, failedInARow = 0 } = input;
      const scope = await enterSync(deps, input);
      const { open, over, unclear, batches, asked } = await plan(scope.org._id, syncId);
      const due = open.length;
      const last = due - sliceRequests;
      const asking: Asking = { phase: 'details', open, batches, unclear };
      const context = { scope, tally, signal, failedInARow };
      const { wait, problem } = await askInBatches(deps, context, asking, {
        isEnough: () => open.length <= last,
        staged: (answers, unanswered) => ({
          unavailable: answers.flatMap(({ kind, lumaEventId }) => (kind === 'found' ? [] : lumaEventId)),
          unclear: [...unanswered],
        }),
      });
      // The listing stands without details: where they are given up, a later sync asks for them.
      const isGivenUp = problem !== undefined;
      return {
        throughSeq: asking.batches,
        complete: isGivenUp || open.length === 0,
        asked: asked + due - open.length,
        pending: over + asking.unclear + (isGivenUp ? open.length : 0),
        problem,
        ...tally,
        ...wait,
      };
    });
}

import { type DueDetails, inOrderOfUse, whyDetailsAreDue } from '../events/details-due.js';
import type { RateBudget } from '../luma/rate-limit.js';
import type { OrgId } from '../mongo/documents.js';
import { askEvents } from './ask-events.js';
import { type ActivityDependencies, DEFAULT_DETAILS, DEFAULT_SLICE } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { sortMapped } from './sort-mapped.js';
import { enterSync, type SyncIds } from './sync-scope.js';
import { isUnclear, MAX_UNCLEAR } from '../policies/unclear.js';
import { NO_WAIT, type Wait, waitAfter } from './wait.js';

export interface FetchEventDetailsInput extends SyncIds {
  /** Calls before this one in which Luma could not be reached. Default 0. */
  failedInARow?: number;
}

export interface FetchEventDetailsOutput extends Wait {
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
  requests: number;
}

/**
 * Asks for the details of events that the listing of this sync showed and that are due, soonest first, a few
 * requests in flight. Answers are staged some at a time; what is staged is not asked for again by a retry.
 */
export function fetchEventDetails(deps: ActivityDependencies) {
  const { luma, store } = deps;
  const now = deps.now ?? store.now;
  const { requests, maxAgeMs, inFlight, batch } = { ...DEFAULT_DETAILS, ...deps.details };
  const { durationMs } = { ...DEFAULT_SLICE, ...deps.slice };

  /** What is due in this sync and not asked for yet, in order of use, and how much of it goes over the budget. */
  async function plan(orgId: OrgId, syncId: string) {
    const { undescribed, sameUndescribed } = await store.stagedPages.listed(syncId);
    const stored = await store.events.starts(orgId, sameUndescribed);
    const { ids: asked, unclear, pages } = await store.stagedPages.answered(syncId, 'details');
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
      pages,
      asked: asked.size,
    };
  }

  return async (input: FetchEventDetailsInput): Promise<FetchEventDetailsOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, failedInARow = 0 } = input;
      const { org, apiKey, allowed } = await enterSync(deps, input);
      const planned = await plan(org._id, syncId);
      const { open } = planned;
      let { pages: seq, asked, unclear } = planned;
      let left: RateBudget | null = null;
      let problem: string | undefined;
      const output = (wait: Wait): FetchEventDetailsOutput => {
        const givenUp = problem !== undefined;
        return {
          throughSeq: seq,
          complete: givenUp || open.length === 0,
          asked,
          pending: planned.over + unclear + (givenUp ? open.length : 0),
          problem,
          requests: tally.requests,
          ...wait,
        };
      };

      const begun = now().getTime();
      const enough = () => now().getTime() - begun >= durationMs;
      while (open.length > 0 && !enough()) {
        const observedAt = now();
        const { answers, pauseMs, failure, budget } = await askEvents(luma, open.slice(0, batch), {
          ...{ apiKey, inFlight, signal, enough, budget: left },
          onRequest: () => tally.requests++,
        });
        left = budget;
        const unanswered =
          failure !== null && isUnclear(failure.error, failedInARow) ? [failure.lumaEventId] : [];
        if (answers.length + unanswered.length > 0) {
          await store.stagedPages.add({
            syncId,
            orgId: org._id,
            phase: 'details',
            seq: seq + 1,
            observedAt,
            entries: answers.length,
            undescribed: [],
            ...sortMapped(
              answers.flatMap((answer) => (answer.kind === 'found' ? answer.mapped : [])),
              allowed,
            ),
            unavailable: answers.flatMap(({ kind, lumaEventId }) => (kind === 'found' ? [] : lumaEventId)),
            unclear: unanswered,
          });
          seq++;
          asked += answers.length + unanswered.length;
          unclear += unanswered.length;
          for (const id of [...answers.map(({ lumaEventId }) => lumaEventId), ...unanswered]) {
            open.splice(open.indexOf(id), 1);
          }
        }
        if (failure !== null && unanswered.length === 0) return output(waitAfter(failure.error));
        // The listing stands without details: they are left to a later sync, and the report says why.
        if (failure !== null && unclear >= MAX_UNCLEAR) {
          problem = failure.error.message;
          break;
        }
        if (pauseMs > 0 && open.length > 0) return output({ pauseMs });
      }
      return output(NO_WAIT);
    });
}

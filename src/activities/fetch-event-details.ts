import { areDetailsDue, bySoonest } from '../events/details-due.js';
import { allowedVisibilities } from '../events/visibility.js';
import type { OrgId } from '../mongo/documents.js';
import { askEvents } from './ask-events.js';
import { type ActivityDependencies, DEFAULT_DETAILS, DEFAULT_SLICE } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { openLumaKey } from './luma-key.js';
import { sortMapped } from './sort-mapped.js';

export interface FetchEventDetailsInput {
  orgId: string;
  syncId: string;
}

export interface FetchEventDetailsOutput {
  /** Sequence of the last batch staged so far, by whichever attempt; 0: none. */
  throughSeq: number;
  /** Nothing more is asked for in this sync. */
  complete: boolean;
  /** Due, and left for a later sync. */
  pending: number;
  requests: number;
  /** How long Luma asks to be left alone, ms; 0: go on. */
  pauseMs: number;
}

/**
 * Asks for the details of events that the listing of this sync showed and that are due, soonest first, a few
 * requests in flight. Answers are staged some at a time; what is staged is not asked for again by a retry.
 */
export function fetchEventDetails(deps: ActivityDependencies) {
  const { luma, store, now = () => new Date() } = deps;
  const budget = { ...DEFAULT_DETAILS, ...deps.details };
  const { durationMs } = { ...DEFAULT_SLICE, ...deps.slice };

  /** What is due in this sync and not asked for yet, soonest first, and how much of it goes over the budget. */
  async function plan(orgId: OrgId, syncId: string) {
    const { undescribed } = await store.stagedPages.listed(syncId);
    const answered = await store.stagedPages.answered(syncId, 'details');
    const open = undescribed.filter(({ lumaEventId }) => !answered.ids.has(lumaEventId));
    const states = await store.states.read(
      orgId,
      open.map(({ lumaEventId }) => lumaEventId),
    );
    const at = now();
    const due = open
      .filter(({ lumaEventId, startAt }) =>
        areDetailsDue(states.get(lumaEventId) ?? {}, startAt, { now: at, maxAgeMs: budget.maxAgeMs }),
      )
      .sort(bySoonest(at))
      .map(({ lumaEventId }) => lumaEventId);
    const ids = [...new Set(due)];
    const left = Math.max(0, budget.requests - answered.ids.size);
    return { ids: ids.slice(0, left), pending: Math.max(0, ids.length - left), pages: answered.pages };
  }

  return async ({ orgId, syncId }: FetchEventDetailsInput): Promise<FetchEventDetailsOutput> =>
    underHeartbeat(async (tally, signal) => {
      const org = await store.organizations.get(orgId);
      const apiKey = openLumaKey(deps, org);
      const allowed = allowedVisibilities(org.visibilityWish);
      const planned = await plan(org._id, syncId);
      let seq = planned.pages;
      let newestMs = (await store.stagedPages.newestObservedAt(org._id))?.getTime() ?? 0;
      let done = 0;
      const output = (pauseMs: number) => ({
        throughSeq: seq,
        complete: done === planned.ids.length,
        pending: planned.pending,
        requests: tally.requests,
        pauseMs,
      });

      const begun = now().getTime();
      while (done < planned.ids.length) {
        const observedMs = Math.max(now().getTime(), newestMs + 1);
        const { answers, pauseMs, failure } = await askEvents(
          luma,
          planned.ids.slice(done, done + budget.batch),
          { apiKey, inFlight: budget.inFlight, signal, onRequest: () => tally.requests++ },
        );
        if (answers.length > 0) {
          await store.stagedPages.add({
            syncId,
            orgId: org._id,
            phase: 'details',
            seq: seq + 1,
            observedAt: new Date(observedMs),
            entries: answers.length,
            undescribed: [],
            ...sortMapped(
              answers.flatMap((answer) => (answer.kind === 'found' ? answer.mapped : [])),
              allowed,
            ),
            unavailable: answers.flatMap(({ kind, lumaEventId }) => (kind === 'found' ? [] : lumaEventId)),
          });
          seq++;
          newestMs = observedMs;
          done += answers.length;
        }
        if (failure !== null) throw failure;
        if (pauseMs > 0 && done < planned.ids.length) return output(pauseMs);
        if (now().getTime() - begun >= durationMs) break;
      }
      return output(0);
    });
}

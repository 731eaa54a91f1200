import { DEFAULT_GUARD } from '../events/removal-guard.js';
import { divideLeaving, isGone, type Leaving, MISSES_TO_GO } from '../events/removals.js';
import type { SyncWindow } from '../events/window.js';
import type { OrgId } from '../mongo/documents.js';
import { applyStaged } from './apply-staged.js';
import type { ActivityDependencies } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { openLumaKey } from './luma-key.js';
import { askAboutRemovals } from './removals/ask.js';
import { removalQuestion, type RemovalQuestion } from './removals/question.js';

export interface SettleRemovalsInput {
  orgId: string;
  syncId: string;
  window?: SyncWindow;
  /** When the sync began, ISO 8601. */
  startedAt: string;
  /** Decides as usual and changes nothing. */
  dryRun?: boolean;
}

export interface SettleRemovalsOutput {
  /** Every event in question is decided, and the decision is carried out. */
  complete: boolean;
  /** Events about which Luma has given its word so far. */
  decided: number;
  removed: number;
  /** Wait for a person, because so many would go. */
  held: number;
  /** Luma's answer decides nothing: kept, looked at again in the next sync. */
  unresolved: number;
  /** Still there after all, and different from what was stored. */
  changed: number;
  requests: number;
  /** How long Luma asks to be left alone, ms; 0: go on. */
  pauseMs: number;
}

/**
 * Decides about stored events that a complete listing did not show. Each is asked for alone: only Luma's word that it
 * is cancelled or managed elsewhere removes it. Events that cannot be asked for go after two complete listings in a
 * row without them. Where so many would go that something else must be wrong, nothing goes and a person decides.
 */
export function settleRemovals(deps: ActivityDependencies) {
  const { store, now = () => new Date() } = deps;
  const guard = { ...DEFAULT_GUARD, ...deps.guard };

  return async (input: SettleRemovalsInput): Promise<SettleRemovalsOutput> =>
    underHeartbeat(async (tally, signal) => {
      const { syncId, window, dryRun = false } = input;
      const syncBegan = new Date(input.startedAt);
      const org = await store.organizations.get(input.orgId);
      const apiKey = openLumaKey(deps, org);
      const question = await removalQuestion(store, org._id, syncId, { window, syncBegan });
      const context = { org, apiKey, syncId, tally, signal };
      const pauseMs = await askAboutRemovals({ ...deps, guard }, question, context);
      const { requests } = tally;
      const decided = question.verdicts.size;
      if (pauseMs !== null) {
        return {
          complete: false,
          decided,
          removed: 0,
          held: 0,
          unresolved: 0,
          changed: 0,
          requests,
          pauseMs,
        };
      }
      const kept = dryRun
        ? { changed: 0, removed: 0 }
        : await storeKept(org._id, syncId, question, syncBegan);
      const outcome = await carryOut(org._id, syncId, question, dryRun);
      const removed = kept.removed + outcome.removed;
      return { complete: true, decided, ...outcome, removed, changed: kept.changed, requests, pauseMs: 0 };
    });

  /** Those that are still there, outside the window or the page: what Luma says of them now is stored. */
  async function storeKept(orgId: OrgId, syncId: string, { batches }: RemovalQuestion, syncBegan: Date) {
    const pages = batches === 0 ? [] : await store.stagedPages.range(syncId, 'removals', 1, batches);
    return await applyStaged(store, orgId, pages, { now: now(), syncBegan });
  }

  /** Confirmed by Luma, or missed often enough where Luma cannot be asked. */
  async function whoLeaves(orgId: OrgId, syncId: string, question: RemovalQuestion): Promise<Leaving[]> {
    const { askable, unaskable, verdicts, approved, whole } = question;
    const states = await store.states.read(
      orgId,
      unaskable.map(({ lumaEventId }) => lumaEventId),
    );
    const confirmed = askable.flatMap(({ lumaEventId }): Leaving[] => {
      const verdict = verdicts.get(lumaEventId);
      return isGone(verdict) ? [{ lumaEventId, reason: verdict, approved: approved.has(lumaEventId) }] : [];
    });
    const missed = unaskable.flatMap(({ lumaEventId }): Leaving[] => {
      const misses = new Set([...(states.get(lumaEventId)?.missedIn ?? []), ...(whole ? [syncId] : [])]);
      const isApproved = approved.has(lumaEventId);
      // What a window lacks may have moved out of it, and Luma cannot be asked: only a whole listing tells.
      return misses.size >= MISSES_TO_GO && (whole || isApproved)
        ? [{ lumaEventId, reason: 'no-longer-listed', approved: isApproved }]
        : [];
    });
    return [...confirmed, ...missed];
  }

  async function carryOut(orgId: OrgId, syncId: string, question: RemovalQuestion, dryRun: boolean) {
    const { askable, unaskable, verdicts, whole, emptyListing } = question;
    const leaving = await whoLeaves(orgId, syncId, question);
    const lacksWhatIsThere = whole && askable.some(({ lumaEventId }) => verdicts.get(lumaEventId) === 'kept');
    const listingInDoubt = emptyListing || lacksWhatIsThere;
    const undecided = askable.filter(({ lumaEventId }) => verdicts.get(lumaEventId) === 'unresolved').length;
    const scale = { ...question, undecided, listingInDoubt };
    const { going, waiting } = divideLeaving(leaving, scale, guard);
    const unresolved = undecided + (whole ? 0 : unaskable.length);
    // Where asking ended early, the rest is as much in question.
    const notAsked = askable.filter(({ lumaEventId }) => !verdicts.has(lumaEventId));
    const byId = new Map([...askable, ...unaskable].map((event) => [event.lumaEventId, event]));
    const held = [
      ...waiting.flatMap(({ lumaEventId, reason }) => {
        const event = byId.get(lumaEventId);
        return event === undefined ? [] : { ...event, reason };
      }),
      ...notAsked.map((event) => ({ ...event, reason: 'not-asked' as const })),
    ];
    if (dryRun) {
      const name = ({ lumaEventId, reason }: Pick<Leaving, 'lumaEventId'> & { reason: string }) => ({
        lumaEventId,
        title: byId.get(lumaEventId)?.title ?? '',
        reason,
      });
      await store.runs.preview(syncId, { removed: going.map(name), held: held.map(name) });
      return { removed: going.length, held: held.length, unresolved };
    }
    const at = now();
    const missed = whole ? unaskable.map(({ lumaEventId }) => lumaEventId) : [];
    await store.states.addMiss(orgId, missed, { syncId, enough: MISSES_TO_GO });
    await store.heldRemovals.hold(
      orgId,
      held.map(({ lumaEventId, title, startAt, reason }) => ({ lumaEventId, title, startAt, reason })),
      at,
    );
    let removed = 0;
    for (const reason of ['canceled', 'no-longer-managed', 'no-longer-listed'] as const) {
      const ids = going.filter((one) => one.reason === reason).map(({ lumaEventId }) => lumaEventId);
      removed += await store.events.remove(orgId, ids, reason, at);
    }
    await store.heldRemovals.forget(
      orgId,
      going.map(({ lumaEventId }) => lumaEventId),
    );
    return { removed, held: held.length, unresolved };
  }
}

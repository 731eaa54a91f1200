import { Context } from '@temporalio/activity';
import { mergeShape, settleDrift } from '../luma/drift.js';
import type { CalendarShapeDoc, OrgId, SyncRunDoc } from '../mongo/documents.js';
import { OrgNotFound } from '../mongo/errors.js';
import { SyncOvertaken } from '../mongo/fence.js';
import type { OrgSyncResult, SyncFailure, SyncWindow } from '../workflows/contract.js';
import type { ActivityDependencies } from './dependencies.js';
import { underHeartbeat } from './heartbeat.js';
import { fenceIdOf } from './sync-scope.js';

export interface CloseOrgSyncInput {
  workflowId: string;
  /** Run id of the full sync that started it. */
  partOf?: string;
  window?: SyncWindow;
  end: { state: 'complete' } | { state: 'failed' | 'canceled'; failure: SyncFailure };
  /** As far as the sync came. */
  report: Omit<OrgSyncResult, 'status' | 'calendarId' | 'drift'> & { calendarId: string | null };
}

export interface CloseOrgSyncOutput {
  /** How Luma's answers differ from the last good ones, where nobody was told yet. */
  drift: string[];
}

/**
 * Ends a sync, however it went: nothing of it is written any more, the report is stored, and the organization says how
 * it stands.
 */
export function closeOrgSync(deps: ActivityDependencies) {
  const { store } = deps;
  const now = deps.now ?? store.now;

  return async (input: CloseOrgSyncInput): Promise<CloseOrgSyncOutput> => underHeartbeat(() => close(input));

  async function close(input: CloseOrgSyncInput): Promise<CloseOrgSyncOutput> {
    const { workflowId, partOf, window, end } = input;
    const { orgId, syncId, calendarId, startedAt, finishedAt, dryRun, ...counters } = input.report;
    const reason = end.state === 'complete' ? undefined : `${end.failure.type}: ${end.failure.message}`;
    // An organization that is gone meanwhile, or never was: its run is still reported.
    const _id = await organizationId(orgId);

    let drift: string[] = [];
    let shape: CalendarShapeDoc | null = null;
    if (_id !== null && end.state === 'complete' && calendarId !== null) {
      const settled = await driftOf(_id, syncId, calendarId);
      drift = settled.fresh;
      shape = settled.shape;
      if (!dryRun) {
        const whole = window === undefined;
        if (whole) await forgetQuarantined(_id, syncId);
        const removalsHeld = await store.heldRemovals.countWaiting(_id);
        const ended = { state: 'ok' as const, whole, removalsHeld, drift: settled.alarming };
        await store.organizations.endSync(_id, syncId, ended, now());
      }
    } else if (_id !== null && end.state !== 'complete' && !dryRun) {
      await store.organizations.endSync(
        _id,
        syncId,
        { state: end.state, reason: reason ?? end.state },
        now(),
      );
    }

    const run: SyncRunDoc = {
      _id: syncId,
      kind: 'org',
      orgId: _id ?? orgId,
      workflowId,
      state: end.state,
      ...counters,
      drift,
      startedAt: new Date(startedAt),
      finishedAt: new Date(finishedAt),
    };
    if (partOf !== undefined) run.partOf = partOf;
    if (window !== undefined) run.window = window;
    if (dryRun) run.dryRun = true;
    if (calendarId !== null) run.calendarId = calendarId;
    if (reason !== undefined) run.reason = reason;
    await store.runs.end(run);
    if (_id !== null) await store.fences.end(fenceIdOf(_id, { syncId, dryRun }), syncId);
    // Last: what is new is reported once, and not before the report is there.
    if (shape !== null && !dryRun) await store.shapes.put(shape);
    if (dryRun) {
      await store.stagedPages.discard(syncId);
      await store.fences.discard(syncId);
    }
    return { drift };
  }

  async function forgetQuarantined(orgId: OrgId, syncId: string): Promise<void> {
    if (!(await store.quarantine.hasUnseen(orgId, syncId))) return;
    try {
      await store.fences.write(orgId, syncId, (write) => store.quarantine.forgetUnseen(write));
    } catch (error) {
      // A retry, after the sync was ended: it has been done.
      if (!(error instanceof SyncOvertaken)) throw error;
    }
  }

  async function organizationId(orgId: string): Promise<OrgId | null> {
    try {
      return (await store.organizations.get(orgId))._id;
    } catch (error) {
      if (error instanceof OrgNotFound) return null;
      throw error;
    }
  }

  /** Compares this listing with the last good ones, and tells logs and metrics of what is new. */
  async function driftOf(orgId: OrgId, syncId: string, calendarId: string) {
    const [first, ...more] = await store.stagedPages.shapes(syncId);
    if (first === undefined) return { fresh: [], alarming: [], shape: null };
    const known = await store.shapes.get(orgId, calendarId);
    const { baseline, reported, fresh, alarming } = settleDrift(known, more.reduce(mergeShape, first));
    const shape: CalendarShapeDoc = { _id: orgId, calendarId, baseline, reported, updatedAt: now() };
    if (fresh.length > 0) {
      const { log, metricMeter } = Context.current();
      log.warn("Luma's answers differ from the last good ones", {
        orgId: String(orgId),
        calendarId,
        drift: fresh,
      });
      const counter = metricMeter.createCounter(
        'luma_sync_drift',
        'differences',
        "Changes in Luma's answers",
      );
      counter.add(fresh.length);
    }
    return { fresh, alarming, shape };
  }
}

import { Context } from '@temporalio/activity';
import { isDeepStrictEqual } from 'node:util';
import type { EventSource } from '../events/event.js';
import { mergeShape, settleDrift, type ShapeStats } from '../luma/drift.js';
import type { CalendarShapeDoc, OrgId } from '../mongo/documents.js';
import { SyncOvertaken } from '../mongo/fence.js';
import type { OrgSyncEnd, SyncableOrg } from '../mongo/organizations.js';
import type { SyncFailure, SyncWindow } from '../workflows/contract.js';
import type { OrgSyncReport } from '../workflows/report.js';
import type { ActivityDependencies } from './dependencies.js';
import { inWords } from './drift-words.js';
import { findOrganization } from './find-organization.js';
import { underHeartbeat } from './heartbeat.js';
import { fenceIdOf } from './sync-scope.js';
import { isToTell } from './tell-needs.js';

export interface CloseOrgSyncInput {
  workflowId: string;
  /** Run id of the full sync that started it. */
  partOf?: string;
  window?: SyncWindow;
  end: { state: 'complete' } | { state: 'failed' | 'canceled'; failure: SyncFailure };
  /** As far as the sync came. */
  report: OrgSyncReport;
}

export interface CloseOrgSyncOutput {
  /** How Luma's answers differ from the last good ones, where nobody was told yet. */
  drift: string[];
  /** Whether the organization needs a person has changed. Absent: it has not, or nobody is to be told. */
  toTell?: true;
  /** See OrgSyncResult. */
  source?: 'ical';
  sourceBefore?: EventSource;
}

/**
 * Ends a sync, however it went: nothing of it is written any more, the report is stored, and the organization says how
 * it stands.
 */
export function closeOrgSync(deps: ActivityDependencies) {
  const { store, now = store.now } = deps;

  return async (input: CloseOrgSyncInput): Promise<CloseOrgSyncOutput> =>
    underHeartbeat(async () => {
      const { orgId, syncId } = input.report;
      // One that is gone meanwhile, or never was: its run is still reported.
      const org = await findOrganization(store, orgId);
      const _id = org?._id ?? null;
      if (input.end.state !== 'complete') {
        if (org !== null && !input.report.dryRun && input.report.hinted === undefined) {
          await announceLate(org, input.report);
        }
        return await told(_id, input, await endSync(deps, input, { _id, shapes: [], removalsHeld: 0 }));
      }
      const shapes = await store.stagedPages.shapes(syncId);
      if (_id === null || input.report.dryRun)
        return await endSync(deps, input, { _id, shapes, removalsHeld: 0, lastSource: org?.lastSource });
      if (isOfAll(input)) await forgetQuarantined(_id, syncId);
      const removalsHeld = await store.heldRemovals.countWaiting(_id);
      const closing = { _id, shapes, removalsHeld, lastSource: org?.lastSource };
      return await told(_id, input, await endSync(deps, input, closing));
    });

  async function told(
    _id: OrgId | null,
    { report }: CloseOrgSyncInput,
    closed: CloseOrgSyncOutput,
  ): Promise<CloseOrgSyncOutput> {
    const toTell = _id !== null && !report.dryRun && (await isToTell(deps, _id));
    return toTell ? { ...closed, toTell } : closed;
  }

  /** A sync that ended in its first look has not said that it was under way. */
  async function announceLate(
    org: SyncableOrg,
    { syncId, startedAt }: Pick<OrgSyncReport, 'syncId' | 'startedAt'>,
  ): Promise<void> {
    if (org.lastSyncId === syncId) return;
    const last = typeof org.lastSyncId === 'string' ? await store.runs.get(org.lastSyncId) : null;
    // One that began later speaks for the organization.
    if (last !== null && last.startedAt.getTime() > Date.parse(startedAt)) return;
    await store.organizations.beginSync(org, syncId, now());
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
}

export interface EndOptions {
  /** `null`: the organization is gone. */
  _id: OrgId | null;
  /** What the pages of the listing looked like. */
  shapes: readonly ShapeStats[];
  removalsHeld: number;
  /** Where the last complete sync before this one read. */
  lastSource?: EventSource | undefined;
  /**
   * Of a first look, which has not said that the sync is under way: the organization as it was read, and when. It ends
   * the sync only where it was the last one to open it.
   */
  firstLook?: { org: SyncableOrg; at: Date };
}

/** @throws SyncOvertaken where somebody else has opened the sync */
export async function endSync(
  deps: ActivityDependencies,
  { workflowId, partOf, window, end, report }: CloseOrgSyncInput,
  { _id, shapes, removalsHeld, lastSource, firstLook }: EndOptions,
): Promise<CloseOrgSyncOutput> {
  const { store } = deps;
  const now = deps.now ?? store.now;
  const { orgId, syncId, calendarId, startedAt, finishedAt, dryRun, ...counters } = report;
  const complete = end.state === 'complete';
  const reason = complete ? undefined : `${end.failure.type}: ${end.failure.message}`;
  const came = complete ? sourceOf(shapes, lastSource) : {};
  const drift =
    _id !== null && complete && calendarId !== null
      ? await driftOf(deps, { _id, calendarId, dryRun }, shapes)
      : NO_DRIFT;
  if (_id !== null) {
    const whole = isOfAll({ window, report });
    const byFirstLook = firstLook === undefined ? undefined : 'first-look';
    // A first look compares nothing in full.
    if (complete && whole && !dryRun && byFirstLook === undefined)
      await store.fences.noteFull(_id, syncId, now());
    const verified = complete ? (calendarId ?? undefined) : undefined;
    const ended = await store.fences.end(fenceIdOf(_id, { syncId, dryRun }), syncId, {
      ...{ openedBy: byFirstLook, verified },
    });
    if (!ended && byFirstLook !== undefined) throw new SyncOvertaken(syncId);
    if (report.hinted === true) {
      // How the organization stands, only a sync of its calendar says.
      if (complete) await store.organizations.noteRemovalsHeld(_id, removalsHeld);
    } else if (!dryRun) {
      const firstSource = lastSource === undefined ? came.source : undefined;
      const endOf: OrgSyncEnd = complete
        ? { state: 'ok', whole, removalsHeld, drift: drift.alarming, firstSource }
        : { state: end.state, reason: reason ?? end.state };
      await store.organizations.endSync(_id, syncId, endOf, now(), firstLook);
    }
  }
  await store.runs.end({
    _id: syncId,
    kind: 'org',
    orgId: _id ?? orgId,
    workflowId,
    state: end.state,
    ...counters,
    drift: drift.fresh,
    ...came,
    startedAt: new Date(startedAt),
    finishedAt: new Date(finishedAt),
    ...{ partOf, window, dryRun: dryRun || undefined, calendarId: calendarId ?? undefined, reason },
  });
  // Last: what is new is reported once, and not before the report is there.
  if (drift.shape !== null && !dryRun) await store.shapes.put(drift.shape);
  if (_id !== null && came.sourceBefore !== undefined && window === undefined && !dryRun) {
    await store.organizations.noteSource(_id, came.source ?? 'api');
  }
  if (dryRun) {
    await store.stagedPages.discard(syncId);
    await store.fences.discard(syncId);
  }
  return { drift: drift.fresh, ...came };
}

/** By what the listing's pages looked like: the organization may have got a key meanwhile. */
function sourceOf(
  [first]: readonly ShapeStats[],
  lastSource: EventSource | undefined,
): Pick<CloseOrgSyncOutput, 'source' | 'sourceBefore'> {
  if (first === undefined) return {};
  const { source } = first;
  const isElsewhere = lastSource !== undefined && lastSource !== (source ?? 'api');
  return {
    ...(source === undefined ? {} : { source }),
    ...(isElsewhere ? { sourceBefore: lastSource } : {}),
  };
}

/** Whether everything in the calendar was looked at. */
function isOfAll({ window, report }: Pick<CloseOrgSyncInput, 'window' | 'report'>): boolean {
  return window === undefined && report.hinted === undefined;
}

/** In words. */
interface Drift {
  fresh: string[];
  alarming: string[];
  /** What to remember; `null`: what is remembered already. */
  shape: CalendarShapeDoc | null;
}

const NO_DRIFT: Drift = { fresh: [], alarming: [], shape: null };

/** Compares a listing with the last good ones. Logs and metrics are told of what is new, by the first real sync that meets it. */
async function driftOf(
  deps: ActivityDependencies,
  { _id, calendarId, dryRun }: { _id: OrgId; calendarId: string; dryRun: boolean },
  [first, ...more]: readonly ShapeStats[],
): Promise<Drift> {
  if (first === undefined) return NO_DRIFT;
  const now = deps.now ?? deps.store.now;
  const known = await deps.store.shapes.get(_id, calendarId);
  const settled = settleDrift(known, more.reduce(mergeShape, first));
  const { baseline, reported } = settled;
  const [fresh, alarming] = [settled.fresh.map(inWords), settled.alarming.map(inWords)];
  const isKnown = known !== null && isDeepStrictEqual([known.baseline, known.reported], [baseline, reported]);
  const shape = isKnown ? null : { _id, calendarId, baseline, reported, updatedAt: now() };
  if (fresh.length > 0 && !dryRun) {
    const { log, metricMeter } = Context.current();
    const orgId = String(_id);
    log.warn("Luma's answers differ from the last good ones", { orgId, calendarId, drift: fresh });
    const counter = metricMeter.createCounter('luma_sync_drift', 'differences', "Changes in Luma's answers");
    counter.add(fresh.length);
  }
  return { fresh, alarming, shape };
}

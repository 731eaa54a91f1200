import type { RunningSyncs, RunningSyncStatus } from '../../client/status/running.js';
import type { WatchedOrg } from '../../client/watch/look.js';
import { endedOf, type FullSyncProgress } from '../../workflows/contract.js';
import type { Line } from './progress.js';
import { count, duration, joined } from './text.js';
import { orgLines } from './watch-lines.js';
import { heldUp, leftInWords, type OrgCells, orgCells, shareOf } from './watch-org.js';

/** `1 full sync, 3 organizations`. */
export function runningLine({ fullSyncs, orgSyncs, stuck }: RunningSyncs): string {
  if (fullSyncs + orgSyncs === 0) return 'nothing';
  return [
    ...(fullSyncs > 0 ? [count(fullSyncs, 'full sync')] : []),
    ...(orgSyncs > 0 ? [count(orgSyncs, 'organization')] : []),
    ...(stuck.count > 0 ? [`${stuck.count} of them stuck`] : []),
  ].join(', ');
}

/** What each sync does and what it waits for, as a watched sync shows it: the most important first. */
export function runningLines(syncs: readonly RunningSyncStatus[], now: Date): Line[] {
  return orgLines(
    syncs.map((sync) => ({ orgId: sync.orgId ?? sync.workflowId, ...cellsOf(sync, { syncs, now }) })),
  );
}

function cellsOf(
  sync: RunningSyncStatus,
  { syncs, now }: { syncs: readonly RunningSyncStatus[]; now: Date },
): OrgCells {
  const { progress, obstacles, startedAt, endsAt } = sync;
  const forSoLong = `for ${duration(Math.max(0, now.getTime() - startedAt.getTime()))}`;
  if (progress === undefined || !('orgs' in progress)) {
    const cells = orgCells(asWatched(sync), now);
    return { ...cells, rest: joined([cells.rest, forSoLong]) };
  }
  const held = heldUp({ obstacles }, now);
  const { standing = 'well', state = leftInWords(endsAt, now), why = '' } = held ?? {};
  const rest = joined([why, `${progress.orgs.running} running`, forSoLong]);
  return { ...fullCells(progress, syncs), standing, state, rest };
}

function fullCells(
  progress: FullSyncProgress,
  syncs: readonly RunningSyncStatus[],
): Pick<OrgCells, 'share' | 'what'> {
  const { orgs, running } = progress;
  const { total, failed } = orgs;
  const ended = endedOf(progress);
  const what = `${ended.toLocaleString('en')}/${count(total, 'organization')}${failed > 0 ? `, ${failed} failed` : ''}`;
  const begun = syncs
    .filter(({ orgId }) => orgId !== undefined && running.includes(orgId))
    .reduce((sum, sync) => sum + (shareOf(asWatched(sync)) ?? 0), 0);
  return { share: total === 0 ? null : (ended + begun) / total, what };
}

/** Of an organization's sync. */
function asWatched({ progress, orgId = '', ...sync }: RunningSyncStatus): WatchedOrg {
  return { ...sync, orgId, progress: progress === undefined || 'orgs' in progress ? undefined : progress };
}

import type { RunningSyncs, RunningSyncStatus } from '../../client/status/running.js';
import type { FullSyncProgress } from '../../workflows/contract.js';
import type { Line } from './progress.js';
import { count, duration } from './text.js';
import { orgLines } from './watch-lines.js';
import { heldUp, leftInWords, type OrgCells, orgCells } from './watch-org.js';

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
  return orgLines(syncs.map((sync) => ({ orgId: sync.orgId ?? sync.workflowId, ...cellsOf(sync, now) })));
}

function cellsOf({ progress, orgId, ...sync }: RunningSyncStatus, now: Date): OrgCells {
  const forSoLong = `for ${duration(Math.max(0, now.getTime() - sync.startedAt.getTime()))}`;
  if (progress === undefined || !('orgs' in progress)) {
    const cells = orgCells({ ...sync, orgId: orgId ?? '', progress }, now);
    return { ...cells, rest: joined([cells.rest, forSoLong]) };
  }
  const held = heldUp({ obstacles: sync.obstacles }, now);
  const { standing = 'well', state = leftInWords(sync.endsAt, now), why = '' } = held ?? {};
  const rest = joined([why, `${progress.orgs.running} running`, forSoLong]);
  return { ...fullCells(progress), standing, state, rest };
}

function fullCells({ orgs }: FullSyncProgress): Pick<OrgCells, 'share' | 'what'> {
  const { total, completed, failed, alreadySyncing } = orgs;
  const ended = completed + failed + alreadySyncing;
  const what = `${ended.toLocaleString('en')}/${count(total, 'organization')}${failed > 0 ? `, ${failed} failed` : ''}`;
  return { share: total === 0 ? null : ended / total, what };
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' · ');
}

import type { Obstacle } from '../../client/obstacles.js';
import type { RunningSyncs, RunningSyncStatus } from '../../client/status/running.js';
import {
  endedOf,
  type FullSyncProgress,
  type OrgSyncPhase,
  type OrgSyncProgress,
} from '../../workflows/contract.js';
import { type Content, type Html, markup } from '../markup.js';
import { ago, plural } from '../words.js';
import { reasonInWords } from './reason-words.js';

export interface RunningView {
  /** `undefined`: Temporal does not tell. */
  running: RunningSyncs | undefined;
  names: ReadonlyMap<string, string>;
  now: Date;
}

/** What is being synced now: the part of the page that live updates replace. */
export function runningView({ running, names, now }: RunningView): Html {
  if (running === undefined) {
    return markup`<p class="warn">Temporal, which runs the syncs, does not answer. What is being synced now is not known.</p>`;
  }
  const { syncs, stuck, fullSyncs, orgSyncs } = running;
  if (fullSyncs + orgSyncs === 0) return markup`<p>Nothing is being synced now.</p>`;
  const shown = [...stuck.first, ...syncs];
  const more = fullSyncs + orgSyncs - shown.length;
  return markup`<ul>${shown.map((sync) => one(sync, names, now))}</ul>${
    more > 0 ? markup`<p class="muted">And ${plural(more, 'more sync')}.</p>` : null
  }`;
}

function one(sync: RunningSyncStatus, names: ReadonlyMap<string, string>, now: Date): Html {
  const { orgId, startedAt, progress, obstacles, stuck } = sync;
  const name = orgId === undefined ? 'All calendars' : (names.get(orgId) ?? orgId);
  const begun = ago(startedAt, now);
  // Why it does not get on says that too.
  const told = obstacles.filter(({ kind }) => stuck === undefined || kind !== 'not-taken');
  return markup`<li class="card${stuck === undefined ? '' : ' alert'}"><h3><bdi>${name}</bdi></h3>${
    stuck === undefined ? null : markup`<p class="bad">It does not get on: ${stuck.why}.</p>`
  }${told.map((obstacle) => markup`<p class="warn">${obstacleInWords(obstacle)}</p>`)}<p class="muted">${
    progress === undefined ? `Begun ${begun}` : [progressInWords(progress), ` · begun ${begun}`]
  }</p>${progress === undefined ? null : bar(progress)}</li>`;
}

const PHASES: Record<OrgSyncPhase, string> = {
  opening: 'Opening the calendar',
  listing: 'Reading the list of events',
  details: 'Reading descriptions',
  removals: 'Checking events that are no longer listed',
  preview: 'Working out what would change',
  hints: 'Asking about events that have changed',
  closing: 'Writing the report',
  done: 'Done',
};

function progressInWords(progress: OrgSyncProgress | FullSyncProgress): string {
  if ('orgs' in progress) {
    const { total, failed, running } = progress.orgs;
    return `${endedOf(progress)} of ${plural(total, 'calendar')} done${failed > 0 ? `, ${failed} failed` : ''}, ${running} in progress`;
  }
  const { phase, pages, detailsAsked, detailsDue, requests, dryRun } = progress;
  const where =
    phase === 'details' && detailsDue > 0
      ? `, ${detailsAsked} of ${detailsDue}`
      : phase === 'listing' && pages > 0
        ? `, page ${pages}`
        : '';
  return `${dryRun ? 'Dry run: ' : ''}${PHASES[phase]}${where} · ${plural(requests, 'request')} to Luma`;
}

function bar(progress: OrgSyncProgress | FullSyncProgress): Content {
  const [done, all] =
    'orgs' in progress
      ? [endedOf(progress), progress.orgs.total]
      : [progress.detailsAsked, progress.detailsDue];
  if (all === 0) return null;
  return markup`<progress max="${all}" value="${Math.min(done, all)}" aria-label="Progress">${done} of ${all}</progress>`;
}

function obstacleInWords(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'paused':
      return `Luma asked for a pause; it goes on at ${obstacle.until.toISOString().slice(11, 19)} UTC.`;
    case 'not-taken':
      return 'It waits for a worker.';
    case 'task-failing':
      return `The program cannot go on with it (attempt ${obstacle.attempt}).`;
    case 'activity-failing':
      return `${reasonInWords(`${obstacle.failure.type}:`)} It is tried again (attempt ${obstacle.attempt}).`;
  }
}

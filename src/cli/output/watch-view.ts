import type { SyncLook, TemporalAway, WatchedOrg } from '../../client/watch/look.js';
import { countdown } from './countdown.js';
import { grouped, obstacleText } from './obstacles.js';
import type { Line } from './progress.js';
import { count, duration, oneLine } from './text.js';
import { chosen } from './watch-chosen.js';
import { fullSyncHead } from './watch-head.js';
import { isBad, orgLines } from './watch-lines.js';
import { orgCells } from './watch-org.js';
import { wrap } from './wrap.js';

export interface ViewSize {
  columns: number;
  /** Lines at most. */
  rows: number;
}

/** Reasons that are told in full, above the organizations. */
const REASONS = 2;

/**
 * What a terminal shows of a sync: how it stands as a whole, what holds it up, and lines for the organizations that run or
 * have failed. What matters most is on the left: narrow terminals cut the right.
 */
export function watchLines(look: SyncLook, now: Date, { columns, rows }: ViewSize): Line[] {
  const { orgs, away, fullSync, workflowId } = look;
  const isOne = fullSync === undefined && orgs.length === 1 && orgs[0]?.workflowId === workflowId;
  const above = [
    ...(away === undefined ? [] : wrapped(awayText(away, now), columns)),
    ...(isOne ? [] : fullSyncHead(look, now)),
    ...reasons(look, columns),
  ];
  if (isOne) return [...above, ...orgs.flatMap((org) => singleOrg(org, now))].slice(0, rows);
  const { shown, more } = chosen(look, now, Math.max(1, rows - above.length));
  return [...above, ...orgLines(shown), ...more.map((text) => ({ text: `  ${text}` }))].slice(0, rows);
}

function awayText({ address, reason, since, until }: TemporalAway, now: Date): string {
  const sinceMs = Math.max(0, now.getTime() - since.getTime());
  return `Temporal at ${oneLine(address)}: ${oneLine(reason)}, for ${duration(sinceMs)}. Trying again for ${countdown(until, now)}. The sync goes on meanwhile.`;
}

/** What holds syncs up, each reason once. Pauses are told by the organizations' lines. */
function reasons({ orgs, obstacles, hasWorkers }: SyncLook, columns: number): Line[] {
  const all = [...obstacles, ...orgs.flatMap((org) => org.obstacles)];
  const groups = grouped(all.filter(({ kind }) => kind !== 'paused'));
  const told = [...groups.values()].slice(0, REASONS).flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    return wrapped(obstacleText(first, more, hasWorkers ?? true), columns);
  });
  const more = groups.size - REASONS;
  return more > 0 ? [...told, { text: `and ${count(more, 'more reason')}`, tone: 'bad' }] : told;
}

function wrapped(text: string, columns: number): Line[] {
  return wrap(oneLine(text), columns - 1).map((line) => ({ text: line, tone: 'bad' }));
}

function singleOrg(org: WatchedOrg, now: Date): Line[] {
  const { rest, ...cells } = orgCells(org, now);
  const [line] = orgLines([{ ...cells, orgId: org.orgId, rest: '' }]);
  const dryRun = org.progress?.dryRun === true ? 'dry run  ' : '';
  const text = `${dryRun}${line?.text.trimStart() ?? ''}`;
  return [{ text, tone: isBad(cells) ? 'bad' : 'head' }, ...(rest === '' ? [] : [{ text: `  ${rest}` }])];
}

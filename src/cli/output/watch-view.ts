import stringWidth from 'string-width';
import type { SyncLook, TemporalAway, WatchedOrg } from '../../client/watch/look.js';
import type { Obstacle } from '../../client/obstacles.js';
import type { FullSyncProgress } from '../../workflows/contract.js';
import { addCounts } from '../../events/counts.js';
import { bar } from './bar.js';
import { about, clock, countdown } from './countdown.js';
import { groupOf, obstacleText } from './obstacles.js';
import type { Line } from './progress.js';
import { eventsInWords } from './report.js';
import { count, duration, fit, oneLine } from './text.js';
import { type OrgCells, orgCells, shareOf } from './watch-org.js';
import { wrap } from './wrap.js';

export interface ViewSize {
  columns: number;
  /** Lines at most. */
  rows: number;
}

const BAR = 10;
const ID = 20;
/** Failed organizations that are named while others run. */
const FAILED = 5;
/** Reasons that are told in full, above the organizations. */
const REASONS = 2;

/**
 * What a terminal shows of a sync: how it stands as a whole, what holds it up, and a line for each organization that runs
 * or is in trouble, as many as there is room for; the rest is counted. What matters most is on the left: narrow terminals
 * cut the right.
 */
export function watchLines(look: SyncLook, now: Date, { columns, rows }: ViewSize): Line[] {
  const { orgs, away, fullSync } = look;
  const isFull = fullSync !== undefined || !isSingle(look);
  const head: Line[] = [
    ...(away === undefined ? [] : wrapped(awayText(away, now), columns, 'bad')),
    ...(isFull ? fullSyncHead(look, now) : []),
    ...reasons(look, columns),
  ];
  if (!isFull) return [...head, ...orgs.flatMap((org) => singleOrg(org, now))].slice(0, rows);
  const { shown, more } = chosen(orgs, now, Math.max(1, rows - head.length - 3));
  return [...head, ...orgLines(shown, now), ...more.map((text): Line => ({ text: `  ${text}` }))].slice(
    0,
    rows,
  );
}

function isSingle({ orgs, workflowId }: SyncLook): boolean {
  return orgs.length === 1 && orgs[0]?.workflowId === workflowId;
}

function fullSyncHead({ fullSync, total, orgs, endsAt, startedAt }: SyncLook, now: Date): Line[] {
  const since = startedAt === undefined ? '' : `, for ${duration(now.getTime() - startedAt.getTime())}`;
  if (fullSync === undefined)
    return [{ text: `Full sync  ${bar(null, BAR)}  starting${since}`, tone: 'head' }];
  const { failed, running, alreadySyncing } = fullSync.orgs;
  const ended = endedOf(fullSync);
  const known = total === undefined || total === null ? `${fullSync.orgs.total}+` : String(total);
  const share = total ? (ended + sum(orgs.map((org) => shareOf(org) ?? 0))) / total : null;
  const waiting = Math.max(0, (total ?? fullSync.orgs.total) - ended - running);
  const parts = [
    `${ended}/${known} organizations${failed > 0 ? `, ${failed} failed` : ''}`,
    ...(endsAt !== undefined && endsAt > now
      ? [`${about(endsAt, now)} left, until ${clock(endsAt).replace(/:\d\d UTC/, ' UTC')}`]
      : []),
    [
      ...(running > 0 ? [`${running} running`] : []),
      ...(waiting > 0 ? [`${waiting} waiting`] : []),
      ...(alreadySyncing > 0 ? [`${alreadySyncing} already syncing`] : []),
    ].join(', '),
  ];
  const title = `Full sync  ${bar(share, BAR)}  ${parts.filter((part) => part !== '').join('  ')}`;
  return [{ text: title, tone: 'head' }, { text: `  ${soFar(fullSync, orgs)}` }];
}

/** Of those that have ended and those that run. */
function soFar(fullSync: FullSyncProgress, orgs: readonly WatchedOrg[]): string {
  const running = orgs.flatMap(({ progress }) => progress ?? []);
  const events = [fullSync, ...running].map((one) => one.events).reduce(addCounts);
  const requests = fullSync.requests + sum(running.map((one) => one.requests));
  return `events ${eventsInWords(events)} · ${count(requests, 'request')}`;
}

function endedOf({ orgs }: FullSyncProgress): number {
  return orgs.completed + orgs.failed + orgs.alreadySyncing;
}

function awayText({ address, reason, since, until }: TemporalAway, now: Date): string {
  const for_ = duration(Math.max(0, now.getTime() - since.getTime()));
  const goesOn = 'The sync goes on meanwhile.';
  return `Temporal at ${oneLine(address)}: ${oneLine(reason)}, for ${for_}. Trying again for ${countdown(until, now)}. ${goesOn}`;
}

/** What holds syncs up, each reason once. Pauses are told by the organizations' lines. */
function reasons({ orgs, obstacles, hasWorkers }: SyncLook, columns: number): Line[] {
  const groups = new Map<string, Obstacle[]>();
  for (const obstacle of [...obstacles, ...orgs.flatMap((org) => org.obstacles)]) {
    if (obstacle.kind === 'paused') continue;
    const key = groupOf(obstacle);
    groups.set(key, [...(groups.get(key) ?? []), obstacle]);
  }
  const told = [...groups.values()].slice(0, REASONS).flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    return wrapped(obstacleText(first, more, hasWorkers ?? true), columns, 'bad');
  });
  const more = groups.size - REASONS;
  return more > 0 ? [...told, { text: `and ${count(more, 'more reason')}`, tone: 'bad' }] : told;
}

function wrapped(text: string, columns: number, tone: Line['tone']): Line[] {
  return wrap(oneLine(text), columns - 1).map((line) => ({ text: line, tone }));
}

interface Chosen {
  shown: WatchedOrg[];
  more: string[];
}

/** Those in trouble first, then the failed, then the others, in the order in which they began. */
function chosen(orgs: readonly WatchedOrg[], now: Date, room: number): Chosen {
  const inOrder = [...orgs].sort(
    (a, b) => (a.startedAt?.getTime() ?? 0) - (b.startedAt?.getTime() ?? 0) || (a.orgId < b.orgId ? -1 : 1),
  );
  const failed = inOrder.filter(({ failure }) => failure !== undefined);
  const running = inOrder.filter(({ failure }) => failure === undefined);
  const isTroubled = (org: WatchedOrg) => orgCells(org, now).isTroubled;
  const rest = running.filter((org) => !isTroubled(org));
  const failedShown = failed.slice(0, running.length === 0 ? room : FAILED);
  const shown = [...running.filter(isTroubled), ...failedShown, ...rest].slice(0, room);
  const unseen = (some: readonly WatchedOrg[]) => some.filter((org) => !shown.includes(org)).length;
  const more = [
    [unseen(running), 'running'],
    [unseen(failed), 'failed'],
  ] as const;
  return { shown, more: more.filter(([n]) => n > 0).map(([n, word]) => `and ${n} more ${word}`) };
}

function orgLines(orgs: readonly WatchedOrg[], now: Date): Line[] {
  const rows = orgs.map((org) => ({ id: fit(oneLine(org.orgId), ID), ...orgCells(org, now) }));
  const widths = {
    id: widest(rows.map((row) => row.id)),
    what: widest(rows.map((row) => row.what)),
    state: widest(rows.map((row) => row.state)),
  };
  return rows.map((row) => lineOf(row, widths));
}

function lineOf(
  { id, share, what, state, rest, isTroubled }: OrgCells & { id: string },
  widths: { id: number; what: number; state: number },
): Line {
  const cells = [pad(id, widths.id), bar(share, BAR), pad(what, widths.what), pad(state, widths.state), rest];
  const text = cells.filter((cell) => cell !== '').join('  ');
  return { text: `  ${text}`.trimEnd(), tone: isTroubled ? 'bad' : undefined };
}

function singleOrg(org: WatchedOrg, now: Date): Line[] {
  const { rest, ...cells } = orgCells(org, now);
  const id = fit(oneLine(org.orgId), ID);
  const dryRun = org.progress?.dryRun === true ? 'dry run  ' : '';
  const line = lineOf({ ...cells, id: `${dryRun}${id}`, rest: '' }, { id: 0, what: 0, state: 0 });
  const text = line.text.trimStart();
  return [{ text, tone: line.tone ?? 'head' }, ...(rest === '' ? [] : [{ text: `  ${rest}` }])];
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

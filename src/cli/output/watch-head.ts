import type { SyncLook, WatchedOrg } from '../../client/watch/look.js';
import { addCounts } from '../../events/counts.js';
import type { FullSyncProgress } from '../../workflows/contract.js';
import { bar } from './bar.js';
import { clock } from './countdown.js';
import type { Line } from './progress.js';
import { eventsInWords } from './report.js';
import { count, duration } from './text.js';
import { BAR } from './watch-lines.js';
import { leftInWords, orgCells, shareOf, STANDINGS } from './watch-org.js';

/** How a full sync stands as a whole, by its counts. */
export function fullSyncHead(look: SyncLook, now: Date): Line[] {
  const { fullSync, orgs, endsAt, startedAt } = look;
  if (fullSync === undefined) {
    const since = startedAt === undefined ? '' : `, for ${duration(now.getTime() - startedAt.getTime())}`;
    return [{ text: `Full sync  ${bar(null, BAR)}  starting${since}`, tone: 'head' }];
  }
  const { failed } = fullSync.orgs;
  const ended = endedOf(fullSync);
  const total = look.expectedTotal;
  const share = total === undefined ? null : (ended + sum(orgs.map((org) => shareOf(org) ?? 0))) / total;
  const parts = [
    `${ended.toLocaleString('en')}/${totalInWords(look, fullSync)} organizations${failed > 0 ? `, ${failed} failed` : ''}`,
    ...(endsAt !== undefined && endsAt > now
      ? [`${leftInWords(endsAt, now)}, until ${clock(endsAt).replace(/:\d\d UTC/, ' UTC')}`]
      : []),
  ];
  return [
    { text: `Full sync  ${bar(share, BAR)}  ${parts.join('  ')}`, tone: 'head' },
    {
      text: `  ${[runningInWords(look, now), soFar(fullSync, orgs)].filter((text) => text !== '').join(' · ')}`,
    },
  ];
}

/** `32 running (1 failing, 12 paused), 927 waiting`; empty where none is. */
export function runningInWords({ fullSync, expectedTotal, orgs }: SyncLook, now: Date): string {
  if (fullSync === undefined) return '';
  const { running, alreadySyncing, total } = fullSync.orgs;
  const waiting = Math.max(0, (expectedTotal ?? total) - endedOf(fullSync) - running);
  const standings = orgs.map((org) => orgCells(org, now).standing);
  const kinds = STANDINGS.filter((kind) => kind !== 'failed' && kind !== 'well')
    .map((kind) => ({ kind, n: standings.filter((one) => one === kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ kind, n }) => `${n} ${kind}`);
  return [
    ...(running > 0 ? [`${running} running${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`] : []),
    ...(waiting > 0 ? [`${waiting.toLocaleString('en')} waiting`] : []),
    ...(alreadySyncing > 0 ? [`${alreadySyncing} already syncing`] : []),
  ].join(', ');
}

/** While not all are read, as many as in the last full sync. */
function totalInWords({ total, expectedTotal }: SyncLook, { orgs }: FullSyncProgress): string {
  if (typeof total === 'number') return total.toLocaleString('en');
  return expectedTotal === undefined
    ? `${orgs.total.toLocaleString('en')}+`
    : `~${expectedTotal.toLocaleString('en')}`;
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

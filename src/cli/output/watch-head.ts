import type { SyncLook, WatchedOrg } from '../../client/watch/look.js';
import { addCounts } from '../../events/counts.js';
import { endedOf, type FullSyncProgress } from '../../workflows/contract.js';
import { bar } from './bar.js';
import { clock } from './countdown.js';
import type { Line } from './progress.js';
import { eventsInWords } from './report.js';
import { count, duration, joined } from './text.js';
import { BAR } from './watch-lines.js';
import { leftInWords, orgCells, shareOf, STANDINGS } from './watch-org.js';

/** How a full sync stands as a whole, by its counts. */
export function fullSyncHead(look: SyncLook, now: Date): Line[] {
  const { fullSync, orgs, endsAt, startedAt, expectedTotal } = look;
  if (fullSync === undefined) {
    const since = startedAt === undefined ? '' : `, for ${duration(now.getTime() - startedAt.getTime())}`;
    return [{ text: `Full sync  ${bar(null, BAR)}  starting${since}`, tone: 'head' }];
  }
  const begun = sum(orgs.map((org) => shareOf(org) ?? 0));
  const share = expectedTotal === undefined ? null : (endedOf(fullSync) + begun) / expectedTotal;
  const left = leftInWords(endsAt, now);
  const until = endsAt === undefined ? '' : `, until ${clock(endsAt).replace(/:\d\d UTC/, ' UTC')}`;
  const first = [
    `Full sync  ${bar(share, BAR)}`,
    endedInWords(look, fullSync),
    left === '' ? '' : left + until,
  ];
  return [
    { text: joined(first, '  '), tone: 'head' },
    { text: `  ${joined([runningInWords(look, now), soFar(fullSync, orgs)], ' · ')}` },
  ];
}

/** The same in one line. */
export function fullSyncLine(look: SyncLook, fullSync: FullSyncProgress, now: Date): string {
  return joined(
    [
      ...[endedInWords(look, fullSync), runningInWords(look, now)],
      ...[soFar(fullSync, look.orgs), leftInWords(look.endsAt, now)],
    ],
    ' · ',
  );
}

/** `41/120 organizations, 3 failed`. While not all are read, of about as many as in the last full sync. */
function endedInWords({ total, expectedTotal }: SyncLook, fullSync: FullSyncProgress): string {
  const { orgs } = fullSync;
  const failed = orgs.failed > 0 ? `, ${orgs.failed.toLocaleString('en')} failed` : '';
  const about =
    expectedTotal === undefined
      ? `${orgs.total.toLocaleString('en')}+`
      : `~${expectedTotal.toLocaleString('en')}`;
  const all = typeof total === 'number' ? total.toLocaleString('en') : about;
  return `${endedOf(fullSync).toLocaleString('en')}/${all} organizations${failed}`;
}

/** `32 running (1 failing, 12 paused), 927 waiting`; empty where none is. */
function runningInWords({ fullSync, expectedTotal, orgs }: SyncLook, now: Date): string {
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

/** Of those that have ended and those that run. */
function soFar(fullSync: FullSyncProgress, orgs: readonly WatchedOrg[]): string {
  const running = orgs.flatMap(({ progress }) => progress ?? []);
  const events = [fullSync, ...running].map((one) => one.events).reduce(addCounts);
  const requests = fullSync.requests + sum(running.map((one) => one.requests));
  return `events ${eventsInWords(events)} · ${count(requests, 'request')}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

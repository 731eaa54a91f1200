import { changedEvents, type RunDay } from '../../client/runs-days.js';
import type { RunSummary } from '../../client/runs.js';
import { eventsInWords, sourceInWords } from './report.js';
import { plot } from './plot.js';
import { bold, red, yellow } from './styles.js';
import { renderTable } from './table.js';
import { count, duration, instant, oneLine } from './text.js';

/** As many characters of an id as tell syncs apart. */
const ID_LENGTH = 8;

/** Syncs as a table for people. */
export function runTable(runs: readonly RunSummary[], width?: number): string {
  const rows = runs.map((run) => [
    run.startedAt.toISOString().slice(5, 16).replace('T', ' '),
    run.id.slice(0, ID_LENGTH),
    run.orgId ?? 'all',
    briefly(run.durationMs),
    briefly(run.waitedMs === 0 ? undefined : run.waitedMs),
    changedEvents(run).toLocaleString('en'),
    (run.requests ?? 0).toLocaleString('en'),
    [
      `${run.dryRun === true ? 'dry run, ' : ''}${run.state}`,
      ...(run.reason === undefined ? [] : [run.reason]),
      ...(run.drift ?? []).map((change) => `Luma changed: ${change}`),
    ].join('; '),
  ]);
  const columns = [
    { title: 'BEGAN (UTC)' },
    { title: 'ID' },
    { title: 'ORG', shrinks: true as const },
    { title: 'TOOK' },
    { title: 'WAITED' },
    { title: 'CHANGED', align: 'right' as const },
    { title: 'REQ', align: 'right' as const },
    { title: 'RESULT', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}

/** A duration in at most seven columns. */
function briefly(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

/** One sync, or full sync, for people. */
export function runText(run: RunSummary, width?: number): string {
  const { orgId, state, events, orgs, failures = [], alreadySyncing = [] } = run;
  const what = orgId === undefined ? 'Full sync' : `Sync of ${oneLine(orgId)}`;
  const style = { failed: red, canceled: yellow, partial: yellow }[state as string] ?? bold;
  const lines = [`${run.dryRun === true ? 'Dry run: ' : ''}${what}: ${style(state)}`];
  const line = (label: string, text: string | undefined) => {
    if (text !== undefined) lines.push(`  ${label.padEnd(13)}  ${oneLine(text)}`);
  };
  line('reason', run.reason);
  line('began', instant(run.startedAt));
  line('took', run.durationMs === undefined ? 'it has not reported its end' : duration(run.durationMs));
  line(
    'waited',
    run.waitedMs === undefined || run.waitedMs === 0 ? undefined : `${duration(run.waitedMs)} for Luma`,
  );
  if (orgs !== undefined) {
    const { total, completed, failed, alreadySyncing: others } = orgs;
    line('organizations', `${total}: ${completed} completed, ${failed} failed, ${others} already syncing`);
  }
  line('events', events === undefined ? undefined : eventsInWords(events));
  line('requests', run.requests?.toLocaleString('en'));
  line('calendar', run.calendarId && `${run.calendarId}, ${count(run.pages ?? 0, 'page')}`);
  for (const words of sourceInWords(run)) line('source', words);
  if (run.window !== undefined) line('window', `${run.window.after ?? '…'} to ${run.window.before ?? '…'}`);
  if ((run.detailsPending ?? 0) > 0) {
    line('details', `${count(run.detailsPending ?? 0, 'event')} to be asked for in a later sync`);
  }
  line('', run.detailsProblem);
  if ((run.unresolved ?? 0) > 0)
    line('unresolved', `${count(run.unresolved ?? 0, 'event')} not listed: kept`);
  for (const change of run.drift ?? []) line('Luma changed', change);
  line('part of', run.partOf && `full sync ${run.partOf}`);
  line('id', run.id);
  line('workflow', run.workflowId);
  if (failures.length > 0) {
    const columns = [{ title: 'FAILED' }, { title: 'REASON' }, { title: '', shrinks: true as const }];
    const rows = failures.map(({ orgId: id, type, message }) => [id, type, message]);
    lines.push('', renderTable(columns, rows, { width }));
  }
  if (alreadySyncing.length > 0) {
    const columns = [{ title: 'ALREADY SYNCING' }, { title: 'FOR' }, { title: 'STUCK' }];
    const rows = alreadySyncing.map(({ orgId: id, runningForMs, stuck }) => [
      ...[id, duration(runningForMs), stuck ? 'yes' : 'no'],
    ]);
    lines.push('', renderTable(columns, rows, { width }));
  }
  return lines.join('\n');
}

/** The last days of one organization: a character a day, blank where no sync began. */
export function daysPlot(orgId: string, days: readonly RunDay[], { blocks }: { blocks: boolean }): string {
  const [first, last] = [days[0]?.date ?? '', days.at(-1)?.date ?? ''];
  const row = (label: string, value: (day: RunDay) => number, most: (number: number) => string) => {
    const values = days.map((day) => (day.syncs === 0 ? null : value(day)));
    const greatest = Math.max(0, ...values.map((one) => one ?? 0));
    return `  ${label.padEnd(14)}  ${plot(values, { blocks })}  ${most(greatest)}`;
  };
  const total = (value: (day: RunDay) => number) => days.reduce((sum, day) => sum + value(day), 0);
  const summed = (value: (day: RunDay) => number) => (greatest: number) =>
    `${total(value).toLocaleString('en')}, at most ${greatest.toLocaleString('en')} a day`;
  const failed = total((day) => day.failed);
  return [
    `${bold(oneLine(orgId))}, ${first} to ${last}: ${count(
      total((day) => day.syncs),
      'sync',
    )}${failed > 0 ? `, ${red(`${failed} failed`)}` : ''}`,
    row(
      'events changed',
      ({ changed }) => changed,
      summed(({ changed }) => changed),
    ),
    row(
      'requests',
      ({ requests }) => requests,
      summed(({ requests }) => requests),
    ),
    row(
      'longest sync',
      ({ longestMs }) => longestMs,
      (ms) => `at most ${duration(ms)}`,
    ),
  ].join('\n');
}

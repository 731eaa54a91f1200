import type { EventCounts, EventSource, FullSyncResult, OrgSyncResult } from '../../workflows/contract.js';
import { commandLine, option } from '../../shell.js';
import { renderTable } from './table.js';
import { count, duration, oneLine } from './text.js';

/** The end of a full sync, for people. */
export function fullSyncReport(result: FullSyncResult, width?: number): string {
  const { orgs, failures } = result;
  const lines = [
    `${result.dryRun ? 'Dry run of a full sync' : 'Full sync'} ${result.status === 'complete' ? 'complete' : 'done in part'} in ${took(result)}`,
    `  organizations  ${orgs.total}: ${parts([
      [orgs.completed, 'completed'],
      [orgs.failed, 'failed'],
      [orgs.alreadySyncing, 'already syncing'],
    ])}`,
    eventLine(result.events),
    requestLine(result),
    ...(result.dryRun ? [NOTHING_WRITTEN] : toDo(result.events)),
  ];
  lines.push(...alreadySyncing(result));
  if (failures.length > 0) {
    const rows = failures.map(({ orgId, type, message }) => [orgId, type, message]);
    const columns = [{ title: 'FAILED' }, { title: 'REASON' }, { title: '', shrinks: true as const }];
    lines.push('', renderTable(columns, rows, { width }));
    const more = orgs.failed - failures.length;
    if (more > 0) lines.push(`and ${count(more, 'organization')} more`);
  }
  return lines.join('\n');
}

/** The result names no more of them. */
const NAMED_AT_MOST = 50;

/** Organizations that another sync was busy with: how long it has run, and how to free those that are stuck. */
function alreadySyncing({ alreadySyncing: busy = [], orgs }: FullSyncResult): string[] {
  if (busy.length === 0) return [];
  const lines = busy.map(({ orgId, workflowId, runningForMs, stuck }) => {
    const by = `${oneLine(workflowId)}, for ${duration(runningForMs)}`;
    return `  ${oneLine(orgId)}  another sync of it runs (${by})${stuck ? ': not done' : ''}`;
  });
  // Those that have ended meanwhile are counted, and not named.
  const more = busy.length < NAMED_AT_MOST ? 0 : orgs.alreadySyncing - busy.length;
  const stuck = busy.filter((one) => one.stuck);
  const workflow = (verb: string, id: string) =>
    `    ${commandLine('temporal', 'workflow', verb, ...option('--workflow-id', id))}`;
  return [
    '',
    'ALREADY SYNCING',
    ...lines,
    ...(more > 0 ? [`  and up to ${count(more, 'organization')} more`] : []),
    ...(stuck.length > 0 ? ['  Look what holds it up, and end it if nothing will:'] : []),
    ...stuck.flatMap(({ workflowId }) => [
      workflow('describe', workflowId),
      workflow('terminate', workflowId),
    ]),
  ];
}

/** The end of one organization's sync, for people. */
export function orgSyncReport(result: OrgSyncResult): string {
  const lines = [
    `${result.dryRun ? 'Dry run' : 'Sync'} of ${oneLine(result.orgId)} complete in ${took(result)}`,
    `  calendar       ${oneLine(result.calendarId)}, ${count(result.pages, 'page')}`,
    eventLine(result.events),
    requestLine(result),
  ];
  if (result.source === 'ical') lines.push("  source         the calendar's public feed: there is no key");
  if (result.sourceBefore !== undefined) lines.push(`  source         ${sourceChange(result.sourceBefore)}`);
  if (result.detailsPending > 0) {
    const when = result.dryRun
      ? 'would be asked for alone where they are due'
      : 'to be asked for in a later sync';
    lines.push(`  details        ${count(result.detailsPending, 'event')} ${when}`);
  }
  if (result.unresolved > 0) {
    const events = count(result.unresolved, 'event');
    lines.push(`  unresolved     ${events} not listed, about which Luma's answer decides nothing: kept`);
  }
  for (const change of result.drift) lines.push(`  Luma changed   ${oneLine(change)}`);
  lines.push(...(result.dryRun ? [NOTHING_WRITTEN] : toDo(result.events, result.orgId)));
  return lines.join('\n');
}

function sourceChange(before: EventSource): string {
  return before === 'ical'
    ? "Luma's API now, the public feed before: same documents, with what the feed lacks filled in"
    : "Luma's API before: what only that knew is kept";
}

/** `5 seen: 2 inserted, 3 unchanged`; what did not happen is left out. */
export function eventsInWords(events: EventCounts): string {
  return `${events.seen} seen: ${parts([
    [events.inserted, 'inserted'],
    [events.changed, 'changed'],
    [events.unchanged, 'unchanged'],
    [events.removed, 'removed'],
    [events.held, 'removals held back'],
    [events.quarantined, 'quarantined'],
    [notPublic(events), 'not public'],
  ])}`;
}

/** What was seen and is none of the rest: events that this organization's readers may not see. */
function notPublic({ seen, inserted, changed, unchanged, quarantined }: EventCounts): number {
  return Math.max(0, seen - inserted - changed - unchanged - quarantined);
}

const NOTHING_WRITTEN = '  dry run        nothing was written';

/** What waits for a person, with the command that shows it. */
function toDo({ held, quarantined }: EventCounts, orgId?: string): string[] {
  const list = (what: string) =>
    commandLine('luma-sync', what, 'list', ...(orgId === undefined ? [] : option('--org', orgId)));
  const lines: string[] = [];
  if (held > 0) {
    const removals = `${count(held, 'removal')} ${held === 1 ? 'waits' : 'wait'} for a decision`;
    lines.push(`  held back      ${removals}: ${list('removals')}`);
  }
  if (quarantined > 0) {
    const entries = quarantined === 1 ? '1 entry' : `${quarantined} entries`;
    lines.push(`  quarantined    ${entries} that cannot be trusted: ${list('quarantine')}`);
  }
  return lines;
}

function eventLine(events: EventCounts): string {
  return `  events         ${eventsInWords(events)}`;
}

function requestLine({ requests, waitedMs }: { requests: number; waitedMs: number }): string {
  const waited = waitedMs > 0 ? `, ${duration(waitedMs)} spent waiting` : '';
  return `  Luma           ${count(requests, 'request')}${waited}`;
}

function parts(numbers: readonly (readonly [number, string])[]): string {
  const there = numbers.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return there.length > 0 ? there.join(', ') : 'nothing to do';
}

function took({ startedAt, finishedAt }: { startedAt: string; finishedAt: string }): string {
  return duration(Date.parse(finishedAt) - Date.parse(startedAt));
}

import type { ScheduleInfo } from '../../client/schedule.js';
import type { Status, Waiting } from '../../client/status.js';
import type { LateOrg } from '../../client/status/organizations.js';
import { commandLine } from '../../shell.js';
import { runningLine, runningLines } from './status-running.js';
import { unreadLines } from './status-check.js';
import { bold, green, red, yellow } from './styles.js';
import { count, duration, fit, instant, oneLine, roughly } from './text.js';

type Style = (text: string) => string;

/** One kind of thing to look at. */
interface Section {
  title: string;
  style: Style;
  /** Behind the title. */
  about?: string;
  items: { id: string; text: string; remedy?: readonly string[] }[];
  /** Those that are not among the items. */
  more: number;
}

/** How everything stands, for people; what is wrong comes behind the summary, the most urgent first. */
export function statusText(status: Status, width?: number): string {
  const cut = (line: string) => (width === undefined ? line : fit(line, width));
  const lines = [head(status), ''];
  for (const line of unreadLines(status)) lines.push(red(line));
  if (status.unread.length > 0) lines.push('');
  for (const [label, text, style = plain] of summary(status)) lines.push(style(cut(label.padEnd(16) + text)));
  for (const { title, style, about = '', items, more } of sections(status)) {
    lines.push('', `${style(title)}${about}`);
    for (const { id, text, remedy = [] } of items) {
      lines.push(cut(`  ${fit(oneLine(id), 28)}  ${oneLine(text)}`));
      // Never cut: commands are to be copied.
      for (const line of remedy) lines.push(`    → ${line}`);
    }
    if (more > 0) lines.push(`  and ${more.toLocaleString('en')} more`);
  }
  return lines.join('\n');
}

const plain: Style = (text) => text;

function head({ at, verdict }: Status): string {
  const words = {
    fine: green('all is well'),
    'needs-person': red('a person is needed'),
    unknown: red('not everything could be read'),
  };
  return `${bold('luma-sync')}  ${instant(at)}  ${words[verdict]}`;
}

function* summary(status: Status): Generator<[string, string, Style?]> {
  const { at, workers, schedule, running, organizations, lastFullSync } = status;
  if (workers !== undefined) {
    const { polling, taskQueue } = workers;
    const who = polling.map(({ identity }) => oneLine(identity)).join(', ');
    yield polling.length === 0
      ? ['workers', `none polls ${oneLine(taskQueue)} – start one: luma-sync worker`, red]
      : ['workers', `${polling.length} on ${oneLine(taskQueue)}: ${who}`];
  }
  if (schedule === null) yield ['schedule', 'none – create it: luma-sync schedule apply', yellow];
  else if (schedule !== undefined) yield scheduleLine(schedule, at);
  if (lastFullSync === null) yield ['last full sync', 'none has ended in the last 90 days'];
  else if (lastFullSync !== undefined) {
    const { startedAt, state, durationMs = 0, orgs, reason } = lastFullSync;
    const done = orgs === undefined ? '' : `: ${orgs.completed} of ${count(orgs.total, 'organization')}`;
    const why = reason === undefined ? '' : `; ${oneLine(reason)}`;
    const text = `${instant(startedAt)}, ${state} in ${duration(durationMs)}${done}${why}`;
    yield ['last full sync', text, state === 'complete' ? plain : yellow];
  }
  if (running !== undefined) yield ['runs now', runningLine(running)];
  if (organizations !== undefined) {
    const { total, withoutKey, counts } = organizations;
    const parts = [
      [counts.stuck, 'stuck'],
      [counts.failing, 'failing'],
      [counts.stale, 'stale'],
      [counts.neverSynced, 'never synced'],
      [counts.fresh, 'fresh'],
    ] as const;
    const words = parts.filter(([n]) => n > 0).map(([n, word]) => `${n.toLocaleString('en')} ${word}`);
    const keyless = withoutKey > 0 ? `; ${withoutKey.toLocaleString('en')} without a key` : '';
    yield [
      'organizations',
      `${total.toLocaleString('en')}${words.length > 0 ? ': ' : ''}${words.join(', ')}${keyless}`,
    ];
  }
}

function scheduleLine(
  { when, paused, note, nextRuns, running, recentRuns }: ScheduleInfo,
  at: Date,
): [string, string, Style?] {
  const last = recentRuns.at(-1)?.startedAt;
  const ran = running.length > 0 ? ', runs now' : last === undefined ? '' : `, last ${instant(last)}`;
  if (paused) {
    const why = note === undefined ? '' : ` (${oneLine(note)})`;
    return ['schedule', `PAUSED${why}: ${oneLine(when)}${ran}`, yellow];
  }
  const [next] = nextRuns;
  const inTime =
    next === undefined
      ? 'no next run'
      : `next ${instant(next)}, in ${roughly(next.getTime() - at.getTime())}`;
  return ['schedule', `${oneLine(when)}, ${inTime}${ran}`, next === undefined ? yellow : plain];
}

function* sections(status: Status): Generator<Section> {
  const { at, maxAgeMs, running, organizations, removals, quarantine } = status;
  const ago = (date: Date) => `${instant(date)}, ${roughly(at.getTime() - date.getTime())} ago`;
  const section = (
    title: string,
    style: Style,
    total: number,
    items: Section['items'],
    about?: string,
  ): Section => ({
    ...{ title: `${title} ${total.toLocaleString('en')}`, style, items, about },
    more: total - items.length,
  });
  if (running !== undefined && running.stuck.count > 0) {
    const items = running.stuck.first.map(({ orgId, workflowId, startedAt, stuck }) => ({
      id: orgId ?? workflowId,
      text: `for ${roughly(at.getTime() - startedAt.getTime())}: ${stuck?.why ?? ''}`,
      remedy: stuck?.remedy,
    }));
    yield section('STUCK', red, running.stuck.count, items);
  }
  if (organizations !== undefined) {
    const { counts, failing, stale, neverSynced } = organizations;
    if (counts.failing > 0) {
      const items = failing.map(({ orgId, reason, since, failures, syncing, remedy }) => ({
        id: orgId,
        text: `${since === undefined ? '' : `since ${instant(since)}, `}${failures > 1 ? `${failures} times, ` : ''}${syncing ? 'being tried again, ' : ''}${reason}`,
        remedy: [remedy],
      }));
      yield section('FAILING', red, counts.failing, items);
    }
    const late = ({ orgId, lastSyncedAt, lastAttemptAt, syncing, remark }: LateOrg) => ({
      id: orgId,
      text: [
        ...(lastSyncedAt === undefined ? [] : [`last synced ${ago(lastSyncedAt)}`]),
        ...(lastSyncedAt === undefined && lastAttemptAt !== undefined
          ? [`last tried ${ago(lastAttemptAt)}`]
          : []),
        ...(syncing ? ['being synced now'] : []),
        ...(remark === undefined ? [] : [remark]),
      ].join('; '),
    });
    const again = '  → luma-sync sync';
    if (counts.stale > 0) {
      const about = `: not synced for ${roughly(maxAgeMs)}${again}`;
      yield section('STALE', red, counts.stale, stale.map(late), about);
    }
    if (counts.neverSynced > 0) {
      yield section('NEVER SYNCED', yellow, counts.neverSynced, neverSynced.map(late), again);
    }
  }
  if (removals !== undefined && removals.count > 0) {
    yield section('REMOVALS TO DECIDE', yellow, removals.count, waiting(removals, ago), list('removals'));
  }
  if (quarantine !== undefined && quarantine.count > 0) {
    yield section('IN QUARANTINE', yellow, quarantine.count, waiting(quarantine, ago), list('quarantine'));
  }
  if (organizations !== undefined && organizations.drifting.count > 0) {
    const { count: total, first } = organizations.drifting;
    const items = first.map(({ orgId, drift }) => ({ id: orgId, text: drift.join(', ') }));
    yield section("DRIFT OF LUMA'S ANSWERS", yellow, total, items, '  → docs/operating.md, Drift');
  }
  if (running !== undefined && running.syncs.length > 0) {
    const { fullSyncs, orgSyncs, stuck, syncs } = running;
    yield section('RUNNING', bold, fullSyncs + orgSyncs - stuck.count, runningLines(syncs, new Date()));
  }
}

/** The entries that are counted are those of the organizations. */
function waiting({ first }: Waiting, ago: (date: Date) => string): Section['items'] {
  return first.map(({ orgId, count: number, since }) => ({
    id: orgId,
    text: `${number.toLocaleString('en')}, the first since ${ago(since)}`,
  }));
}

function list(what: string): string {
  return `  → ${commandLine('luma-sync', what, 'list')}`;
}

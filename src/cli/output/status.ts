import type { ScheduleInfo } from '../../client/schedule.js';
import type { Status } from '../../client/status.js';
import type { WebhooksStanding } from '../../client/webhook-standing.js';
import { escapeControls } from '../../printable.js';
import { runningLine } from './status-running.js';
import { type Item, type Section, sections, type Style } from './status-sections.js';
import { unreadLines } from './status-check.js';
import { bold, green, red, yellow } from './styles.js';
import { count, duration, fit, instant, oneLine, roughly } from './text.js';

export interface StatusLayout {
  /** Columns of the terminal. Without it (a file, a pipe) nothing is cut. */
  width?: number;
  /** Rows that it may take: fewer are named then, and at least one of each kind. */
  rows?: number;
}

/** How everything stands, for people; what is wrong comes behind the summary, the most urgent first. */
export function statusText(status: Status, { width, rows = Infinity }: StatusLayout = {}): string {
  const above = [head(status), '', ...unread(status), ...summaryLines(status, width)];
  const found = [...sections(status)];
  let named = Math.max(1, ...found.map(({ items }) => items.length));
  let below = found.flatMap((section) => sectionLines(section, named, width));
  while (named > 1 && above.length + below.length > rows) {
    named--;
    below = found.flatMap((section) => sectionLines(section, named, width));
  }
  return [...above, ...below].join('\n');
}

function unread(status: Status): string[] {
  const lines = unreadLines(status).map(red);
  return lines.length === 0 ? [] : [...lines, ''];
}

function summaryLines(status: Status, width: number | undefined): string[] {
  return [...summary(status)].map(([label, text, style = plain]) =>
    style(cut(label.padEnd(11) + text, width)),
  );
}

function sectionLines(
  { title, style, about = '', items, inAll }: Section,
  named: number,
  width: number | undefined,
): string[] {
  const shown = items.slice(0, named);
  const more = inAll - shown.length;
  return [
    '',
    `${style(title)}${about}`,
    ...shown.flatMap((item) => itemLines(item, width)),
    ...(more > 0 ? [`  and ${more.toLocaleString('en')} more`] : []),
  ];
}

function itemLines(item: Item, width: number | undefined): string[] {
  if ('line' in item) {
    const { line, style: styled = plain } = item;
    return [styled(cut(escapeControls(line), width))];
  }
  const { id, text, remedy = [] } = item;
  return [
    cut(`  ${fit(oneLine(id), 28)}  ${oneLine(text)}`.trimEnd(), width),
    // Never cut: commands are to be copied.
    ...remedy.map((line) => `    → ${line}`),
  ];
}

function cut(line: string, width: number | undefined): string {
  return width === undefined ? line : fit(line, width);
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
  const { at, workers, schedule, running, organizations, lastFullSync, webhooks } = status;
  if (workers !== undefined) {
    const { polling, taskQueue } = workers;
    const who = polling.map(({ identity }) => oneLine(identity)).join(', ');
    yield polling.length === 0
      ? ['workers', `none polls ${oneLine(taskQueue)} – start one: luma-sync worker`, red]
      : ['workers', `${polling.length} on ${oneLine(taskQueue)}: ${who}`];
  }
  if (schedule === null) yield ['schedule', 'none – create it: luma-sync schedule apply', yellow];
  else if (schedule !== undefined) yield scheduleLine(schedule, at);
  if (lastFullSync === null) yield ['last sync', 'none has ended in the last 90 days'];
  else if (lastFullSync !== undefined) {
    const { startedAt, state, durationMs = 0, orgs, reason } = lastFullSync;
    const done = orgs === undefined ? '' : `: ${orgs.completed} of ${count(orgs.total, 'organization')}`;
    const why = reason === undefined ? '' : `; ${oneLine(reason)}`;
    const text = `${instant(startedAt)}, ${state} in ${duration(durationMs)}${done}${why}`;
    yield ['last sync', text, state === 'complete' ? plain : yellow];
  }
  if (running !== undefined) yield ['running', runningLine(running)];
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
    const keyless = withoutKey > 0 ? `; ${withoutKey.toLocaleString('en')} without a key or a feed` : '';
    yield [
      'orgs',
      `${total.toLocaleString('en')}${words.length > 0 ? ': ' : ''}${words.join(', ')}${keyless}`,
    ];
  }
  if (webhooks !== undefined && webhooks !== null) yield ['webhooks', webhooksLine(webhooks)];
}

function webhooksLine({ registered, organizations, silent, paused }: WebhooksStanding): string {
  const parts = [
    `${registered.toLocaleString('en')} of ${count(organizations, 'organization')}`,
    ...(paused.length > 0 ? [`${paused.length.toLocaleString('en')} paused`] : []),
    ...(silent.length > 0 ? [`${silent.length.toLocaleString('en')} silent`] : []),
  ];
  return parts.join(', ');
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

import type { SyncObstacle } from '../activities/find-obstacles.js';
import { endedOf, type FullSyncProgress, type FullSyncResult } from './contract.js';
import { code, plain, row, tableHead, timeOfDay } from './markdown.js';
import { counted } from './summaries.js';

/** Temporal keeps 20,000 bytes. */
const MOST_BYTES = 18_000;
const RUNNING_SHOWN = 10;
/** The UI sets no space between columns: no-break spaces make some. */
const STATES = {
  stuck: '🛑\u00a0stuck\u00a0',
  failed: '❌\u00a0failed\u00a0',
  retrying: '🔁\u00a0retrying\u00a0',
  paused: '⏸\u00a0paused\u00a0',
} as const;

export interface FullSyncView {
  progress: FullSyncProgress;
  failures: FullSyncResult['failures'];
  /** Of syncs that run, at the last look. */
  obstacles: readonly SyncObstacle[];
  /** ISO 8601; `null`: nobody has looked yet. */
  lookedAt: string | null;
}

/** What Temporal's UI shows of a full sync, as Markdown: ids, counts and reasons only. */
export function fullDetails({ progress, failures, obstacles, lookedAt }: FullSyncView): string {
  const { phase, orgs, running, events, requests } = progress;
  const done = endedOf(progress);
  const others = orgs.alreadySyncing > 0 ? `, ${orgs.alreadySyncing} already syncing` : '';
  const { inserted, changed, unchanged, removed } = events;
  const more = running.length > RUNNING_SHOWN ? ` and ${running.length - RUNNING_SHOWN} more` : '';
  const now = running.slice(0, RUNNING_SHOWN).map((orgId) => code(orgId, 60));
  const lines = [
    `**${phase === 'done' ? 'Done' : 'Syncing'}**: ${done} of ${orgs.total} organizations done (${orgs.completed} complete, ${orgs.failed} failed${others}), ${orgs.running} running`,
    `Events: ${inserted} new, ${changed} changed, ${unchanged} unchanged, ${removed} removed. Luma: ${counted(requests, 'request')}.`,
    ...(running.length === 0 ? [] : [`Now: ${now.join(', ')}${more}`]),
  ];
  const table = troubleTable(troubleRows({ progress, failures, obstacles }), orgs.failed - failures.length);
  if (table !== null) lines.push(table);
  if (obstacles.length > 0 && lookedAt !== null) {
    lines.push(`Running syncs as they were at ${timeOfDay(lookedAt)}.`);
  }
  return lines.join('\n\n');
}

/** Most urgent first: what stands still, what has failed, what is tried again, what waits. */
function troubleRows({ progress, failures, obstacles }: Omit<FullSyncView, 'lookedAt'>): string[] {
  const isRunning = new Set(progress.running);
  const current = obstacles.filter(({ orgId }) => isRunning.has(orgId));
  const rowsOf = (kind: SyncObstacle['kind']) =>
    current
      .filter((obstacle) => obstacle.kind === kind)
      .map(({ orgId, reason, until }) =>
        row(
          name(orgId),
          STATES[kind],
          `${plain(reason, 240)}${until === undefined ? '' : ` (${timeOfDay(until)})`}`,
        ),
      );
  const failed = failures.map(({ orgId, type, message }) =>
    row(name(orgId), STATES.failed, plain(`${type}: ${message}`, 240)),
  );
  return [...rowsOf('stuck'), ...failed, ...rowsOf('retrying'), ...rowsOf('paused')];
}

function name(orgId: string): string {
  return `${code(orgId, 60)}\u00a0`;
}

/** @param unnamed failed organizations beyond those that have a row */
function troubleTable(rows: readonly string[], unnamed: number): string | null {
  if (rows.length === 0) return null;
  const head = tableHead('Organization\u00a0', 'State', 'Why, and what to do');
  let left = MOST_BYTES - 2_000;
  const kept = rows.filter((line) => (left -= bytes(line) + 1) > 0);
  const missing = rows.length - kept.length + unnamed;
  const more = missing > 0 ? `\n\n… and ${missing} more: \`luma-sync orgs list\`` : '';
  return `${[head, ...kept].join('\n')}${more}`;
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

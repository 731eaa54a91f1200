import type { Status, Waiting } from '../../client/status.js';
import type { LateOrg } from '../../client/status/organizations.js';
import type { WebhooksStanding } from '../../client/webhook-standing.js';
import { commandLine } from '../../shell.js';
import { runningLines } from './status-running.js';
import { bold, red, yellow } from './styles.js';
import { instant, roughly } from './text.js';

export type Style = (text: string) => string;

/** What is named, or a line that has columns of its own. */
export type Item =
  { id: string; text: string; remedy?: readonly string[] } | { line: string; style?: Style | undefined };

/** One kind of thing to look at. */
export interface Section {
  title: string;
  style: Style;
  /** Behind the title. */
  about?: string;
  items: Item[];
  /** How many there are, those that are not among the items included. */
  inAll: number;
}

/** What is to be looked at, the most urgent first. */
export function* sections(status: Status): Generator<Section> {
  const { at, maxAgeMs, running, organizations, removals, quarantine, webhooks } = status;
  const ago = (date: Date) => `${instant(date)}, ${roughly(at.getTime() - date.getTime())} ago`;
  const section = (
    title: string,
    style: Style,
    total: number,
    items: Item[],
    about?: string,
    inAll = total,
  ): Section => ({
    ...{ title: `${title} ${total.toLocaleString('en')}`, style, items, about, inAll },
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
    const { count, organizations: inAll } = removals;
    yield section('REMOVALS TO DECIDE', yellow, count, waiting(removals, ago), list('removals'), inAll);
  }
  if (quarantine !== undefined && quarantine.count > 0) {
    const { count, organizations: inAll } = quarantine;
    yield section('IN QUARANTINE', yellow, count, waiting(quarantine, ago), list('quarantine'), inAll);
  }
  if (organizations !== undefined && organizations.drifting.count > 0) {
    const { count: total, first } = organizations.drifting;
    const items = first.map(({ orgId, drift }) => ({ id: orgId, text: drift.join(', ') }));
    yield section("DRIFT OF LUMA'S ANSWERS", yellow, total, items, '  → docs/operating.md, Drift');
  }
  if (webhooks !== undefined && webhooks !== null) {
    const items = webhookItems(webhooks, ago);
    const about = '  → luma-sync webhooks list';
    if (items.length > 0) {
      yield section('WEBHOOKS', yellow, items.length, items.slice(0, NAMED), about);
    }
  }
  if (running !== undefined && running.syncs.length > 0) {
    const { fullSyncs, orgSyncs, stuck, syncs } = running;
    const items = runningLines(syncs, new Date()).map(({ text, tone }) => ({
      line: text,
      style: tone === 'bad' ? red : undefined,
    }));
    yield section('RUNNING', bold, fullSyncs + orgSyncs - stuck.count, items);
  }
}

/** Webhooks that are named. */
const NAMED = 10;

function webhookItems(
  { missing, moved, paused, silent }: WebhooksStanding,
  ago: (date: Date) => string,
): Item[] {
  const each = (ids: readonly string[], text: string) => ids.map((id) => ({ id, text }));
  return [
    ...each(missing, 'missing'),
    ...each(moved, 'at another address than LUMA_SYNC_PUBLIC_URL'),
    ...each(paused, 'paused at Luma'),
    ...silent.map(({ orgId, lastDeliveryAt, changedAt }) => ({
      id: orgId,
      text: `silent: ${lastDeliveryAt === undefined ? 'no delivery yet' : `last delivery ${ago(lastDeliveryAt)}`}, and a sync found changes ${ago(changedAt)}`,
    })),
  ];
}

function waiting({ first }: Waiting, ago: (date: Date) => string): Item[] {
  return first.map(({ orgId, count: number, since }) => ({
    id: orgId,
    text: `${number.toLocaleString('en')}, the first since ${ago(since)}`,
  }));
}

function list(what: string): string {
  return `  → ${commandLine('luma-sync', what, 'list')}`;
}

import type { Need } from '../../client/status/needs.js';
import type { Status } from '../../client/status.js';
import { count, instant, oneLine } from './text.js';

const NAMED = 3;

/** The status in one line, for cron. */
export function checkLine(status: Status): string {
  const { verdict, needs, unread, organizations, workers, schedule } = status;
  const needed = needs.map(needInWords).join(', ');
  if (verdict === 'unknown') {
    const reasons = [...new Set(unread.map(({ reason }) => oneLine(reason)))].join('; ');
    return `cannot tell: ${reasons}${needed === '' ? '' : `; besides, a person is needed: ${needed}`}`;
  }
  if (verdict === 'needs-person') return `needs a person: ${needed} – luma-sync status tells more`;
  const next = schedule?.paused === false ? schedule.nextRuns[0] : undefined;
  const { fresh = 0, neverSynced = 0 } = organizations?.counts ?? {};
  return [
    `fine: ${count(fresh, 'organization')} fresh`,
    ...(neverSynced > 0 ? [`${neverSynced} not synced yet`] : []),
    count(workers?.polling.length ?? 0, 'worker'),
    next === undefined ? 'no sync is scheduled' : `next sync ${instant(next)}`,
  ].join(', ');
}

/** Which parts could not be read, and why: each reason once. */
export function unreadLines({ unread }: Pick<Status, 'unread'>): string[] {
  const reasons = [...new Set(unread.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const parts = unread.filter((one) => one.reason === reason).map(({ part }) => PARTS[part]);
    return `${[...new Set(parts)].join(', ')} cannot be read: ${oneLine(reason)}`;
  });
}

const PARTS: Record<Status['unread'][number]['part'], string> = {
  ...{ workers: 'workers', schedule: 'schedule', running: 'syncs that run', lastFullSync: 'last full sync' },
  ...{ organizations: 'organizations', removals: 'removals', quarantine: 'quarantine' },
  ...{ webhooks: 'webhooks' },
};

function needInWords({ kind, count: number, orgIds }: Need): string {
  const more = number > NAMED && orgIds.length > 0 ? ', …' : '';
  const named = orgIds.slice(0, NAMED).map(oneLine).join(', ');
  const who = named === '' ? '' : ` (${named}${more})`;
  switch (kind) {
    case 'no-workers':
      return 'no worker polls';
    case 'stuck':
      return `${number} stuck${who}`;
    case 'failing':
      return `${number} failing${who}`;
    case 'stale':
      return `${number} stale${who}`;
    case 'never-synced':
      return `${number} never synced${who}`;
    case 'removals':
      return `${count(number, 'removal')} to decide${who}`;
    case 'quarantine':
      return `${number} in quarantine${who}`;
    case 'drift':
      return `${number} with drift${who}`;
    case 'webhooks':
      return `${count(number, 'webhook')} to see to${who}`;
  }
}

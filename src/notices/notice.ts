import { createHash } from 'node:crypto';
import { isOfFeed } from '../policies/of-feed.js';
import type { Need, Standing } from '../policies/needs.js';
import { argument, commandLine, option } from '../shell.js';
import { counted } from '../workflows/summaries.js';

/** What is sent when an organization begins to need a person, and when that is over. */
export interface Notice {
  /** The same for every attempt at this notice. */
  id: string;
  type: 'need.begun' | 'need.over';
  /** The whole message, for people. */
  text: string;
  data: {
    orgId: string;
    /** The organization's name; its id where it has none. */
    organization: string;
    need: Need;
    /** ISO 8601. */
    since: string;
    /** Removals that wait, or entries in quarantine. */
    count?: number;
    /** The failure's type, where a sync failed. */
    failure?: string;
  };
}

export interface NoticeOf {
  orgId: string;
  /** Of the sync that was the last one. */
  syncId: string;
  name: string;
  standing: Standing;
  need: Need;
  since: Date;
}

export function begun(of: NoticeOf): Notice {
  const { standing, need } = of;
  const count = { 'removals-held': standing.removalsHeld, quarantine: standing.quarantined }[need as string];
  const failure = standing.reason?.split(':', 1)[0];
  const { data, ...notice } = noticeOf('need.begun', of, BEGUN[need](of));
  return {
    ...notice,
    data: {
      ...data,
      ...(count === undefined ? {} : { count }),
      ...(failure === undefined ? {} : { failure }),
    },
  };
}

export function over(of: NoticeOf): Notice {
  return noticeOf('need.over', of, `${nameOf(of)}: ${OVER[of.need]} Nothing more has to be done.`);
}

function noticeOf(type: Notice['type'], of: NoticeOf, text: string): Notice {
  const { orgId, syncId, need, since } = of;
  const id = createHash('sha256')
    .update(JSON.stringify([orgId, syncId, need, type]))
    .digest('hex')
    .slice(0, 32);
  const data = { orgId, organization: nameOf(of), need, since: since.toISOString() };
  return { id: `msg_${id}`, type, text, data };
}

const STAYS = 'Its events stay as they are meanwhile.';

const BEGUN: Record<Need, (of: NoticeOf) => string> = {
  'key-rejected': (of) => `${nameOf(of)}: ${refusal(of)}`,
  'calendar-changed': (of) => {
    const [what, again] = isOfFeed(of.standing.reason ?? '')
      ? ['feed is of', 'the right feed']
      : ['Luma key belongs to', 'the right key'];
    const rebind = commandLine('luma-sync', 'orgs', 'rebind', ...argument(of.orgId));
    return `${nameOf(of)}: the stored ${what} another calendar than before. ${STAYS} If the calendar was meant to change: ${rebind} – if not, please store ${again} again.`;
  },
  'removals-held': (of) =>
    `${nameOf(of)}: ${counted(of.standing.removalsHeld, 'event')} disappeared from Luma at once. Because that is unusual, they are still shown. Please look whether they are really gone: ${commandLine('luma-sync', 'removals', 'list', ...option('--org', of.orgId))}`,
  quarantine: (of) =>
    `${nameOf(of)}: ${counted(of.standing.quarantined, 'event')} at Luma cannot be used as sent, for example because a date is missing. The others are fine. Please look: ${commandLine('luma-sync', 'quarantine', 'list', ...option('--org', of.orgId))}`,
  stale: (of) => {
    const { lastSuccessAt, reason = '' } = of.standing;
    const since =
      lastSuccessAt === undefined ? 'could not be brought over so far' : `are as of ${day(lastSuccessAt)}`;
    return `${nameOf(of)}: its events ${since}, because the syncs since then have failed (${reason.split(':', 1)[0] ?? ''}). It is tried again with every sync. If this lasts, please have somebody look: luma-sync orgs list`;
  },
};

function refusal({ orgId, standing: { reason = '' } }: NoticeOf): string {
  if (isOfFeed(reason)) {
    return `Luma no longer lets us read the calendar's public feed. ${STAYS} Please see whether the calendar is still public at Luma.`;
  }
  if (reason.startsWith('LumaForbidden')) {
    return `Luma no longer lets us read this calendar. ${STAYS} Please look at the calendar's plan and rights at Luma.`;
  }
  const setKey = commandLine('luma-sync', 'orgs', 'set-key', ...argument(orgId));
  return `Luma no longer accepts the calendar's key. ${STAYS} Please make a new key in the calendar's settings at Luma, and have it stored: ${setKey}`;
}

const OVER: Record<Need, string> = {
  'key-rejected': 'Luma lets us read the calendar again, and the events are up to date.',
  'calendar-changed': 'the question about the calendar is settled.',
  'removals-held': 'no more removals wait for a decision.',
  quarantine: 'all of its events can be used again.',
  stale: 'its events are up to date again.',
};

function nameOf({ name, orgId }: NoticeOf): string {
  return name === '' ? orgId : name;
}

function day(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

import type { EventSource } from '../events/event.js';
import { allowedVisibilities } from '../events/visibility.js';
import type { LumaApiOptions } from '../luma/api.js';
import { OrgNotFound } from '../mongo/errors.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import type { Store } from '../mongo/store.js';
import type { Keyring } from '../secrets/keyring.js';
import { openStored } from '../secrets/sealed-key.js';
import { argument, commandLine } from '../shell.js';
import { checkFields, checkId, checkLumaKey, checkOptionalId } from './arguments.js';
import type { checkFeed } from './check-feed.js';
import type { CheckedCalendar, checkLumaKey as checkKeyAtLuma } from './check-luma-key.js';
import { LumaCheckFailed } from './errors.js';
import { checkedFeed, checkedFeedAddress, isFeedAddress } from './feeds.js';
import { sealLumaKey } from './seal-luma-key.js';

/** A calendar's public feed. */
export interface Feed {
  /** The address behind “Add iCal Subscription” on the calendar's page. */
  icalUrl: string;
  /** IANA name: of events whose place does not tell it. Default: UTC; of an organization that is there, what it has. */
  timezone?: string | undefined;
}

/** Where an organization's events come from after a change of that. */
export interface SourceChange {
  /** `api`: it has a key. `ical`: it has none, and a feed. `null`: neither, and no sync changes its events any more. */
  source: EventSource | null;
  /** Where its last complete sync read; `null` where there was none. */
  sourceBefore: EventSource | null;
}

export interface SourceRemoval extends SourceChange {
  /** Whether there was something to take away. */
  removed: boolean;
}

export interface KeyRemoval extends SourceRemoval {
  /** Luma still has a webhook of the organization: its deliveries are refused, and without a key it cannot be deleted from here. */
  webhookLeft: boolean;
}

export interface CheckedOrganization extends CheckedCalendar {
  id: string;
  /** The feed was read. Absent: the API was asked, with the stored key. */
  source?: 'ical';
  /** The calendar that its syncs were of; `null`: the next one decides. */
  boundTo: string | null;
}

/** What organizations are synced from: a Luma key, or without one the public feed. */
export interface OrganizationSources {
  /**
   * Gives an organization another Luma key, sealed, whatever it had. Asks Luma nothing.
   * @param apiKey in clear text
   * @returns where its last complete sync read; `null` where there was none. @throws KeyringMismatch
   */
  setKey(orgId: string, apiKey: string): Promise<EventSource | null>;
  /** Takes an organization's Luma key away. Its feed is read from then on, where it has one. */
  removeKey(orgId: string): Promise<KeyRemoval>;
  /** Gives an organization another feed, whatever it had. With a Luma key it is not read. Asks Luma nothing. */
  setFeed(orgId: string, feed: Feed): Promise<SourceChange>;
  /** Takes the address of an organization's feed away. */
  removeFeed(orgId: string): Promise<SourceRemoval>;
  /**
   * Asks Luma which calendar a key opens, and stores nothing.
   * @param apiKey in clear text
   * @param orgId whose key it is to be: then it has to open the calendar that its syncs were of
   * @throws LumaCheckFailed, of type LumaCalendarChanged too
   */
  checkKey(apiKey: string, orgId?: string): Promise<CheckedCalendar>;
  /**
   * Reads a calendar's public feed, and stores nothing.
   * @param orgId whose feed it is to be: then it has to be of the calendar that its syncs were of
   * @throws LumaCheckFailed, of type LumaCalendarChanged too
   */
  checkFeed(icalUrl: string, orgId?: string): Promise<CheckedCalendar>;
  /** Asks Luma which calendar the stored key opens, or reads its feed. @throws LumaCheckFailed, KeyUnreadable */
  check(orgId: string): Promise<CheckedOrganization>;
}

interface SourcesNeed {
  store: () => Promise<Store>;
  /** @throws NotConfigured where there is none */
  keyring: () => Keyring;
  luma: Pick<LumaApiOptions, 'baseUrl' | 'allowHttp' | 'proxies'>;
}

export function organizationSourcesOf({ store, keyring, luma }: SourcesNeed): OrganizationSources {
  async function organization(orgId: string): Promise<SyncableOrg> {
    checkId(orgId, 'orgId');
    return await (await store()).organizations.get(orgId);
  }

  function storedKeyOf({ _id, storedKey, keyProblem }: SyncableOrg): string {
    if (storedKey !== null) return openStored(keyring(), String(_id), storedKey);
    const give = commandLine('luma-sync', 'orgs', 'set-key', ...argument(String(_id)));
    const why = keyProblem === undefined ? 'it has no Luma key' : `it has no usable Luma key: ${keyProblem}`;
    throw new LumaCheckFailed('OrgHasNoKey', why, `give it one: ${give}`);
  }

  /** How it is now. */
  async function changed({ _id, lastSource }: SyncableOrg): Promise<SourceChange> {
    const { storedKey, icalUrl } = await (await store()).organizations.get(String(_id));
    const hasFeed = icalUrl !== undefined && isFeedAddress(icalUrl, luma);
    const source = storedKey !== null ? 'api' : hasFeed ? 'ical' : null;
    return { source, sourceBefore: lastSource ?? null };
  }

  return {
    async setKey(orgId, apiKey) {
      checkId(orgId, 'orgId');
      checkLumaKey(apiKey, 'apiKey');
      const ring = keyring();
      const { organizations, keyringChecks } = await store();
      await keyringChecks.ensure(ring);
      const { _id, lastSource = null } = await organizations.get(orgId);
      const there = await organizations.putKey(_id, sealLumaKey(ring, String(_id), apiKey));
      if (!there) throw new OrgNotFound(orgId);
      return lastSource;
    },

    async removeKey(orgId) {
      const org = await organization(orgId);
      const { organizations, webhooks } = await store();
      const webhookLeft = (await webhooks.get(String(org._id))) !== null;
      const removed = await organizations.dropKey(org._id);
      return { removed, webhookLeft, ...(await changed(org)) };
    },

    async setFeed(orgId, feed) {
      checkId(orgId, 'orgId');
      checkFields(feed, 'the feed', ['icalUrl', 'timezone']);
      const checked = checkedFeed(feed, luma);
      const org = await organization(orgId);
      const there = await (await store()).organizations.putFeed(org._id, checked);
      if (!there) throw new OrgNotFound(orgId);
      return await changed(org);
    },

    async removeFeed(orgId) {
      const org = await organization(orgId);
      const removed = await (await store()).organizations.dropFeed(org._id);
      return { removed, ...(await changed(org)) };
    },

    async checkKey(apiKey, orgId) {
      checkLumaKey(apiKey, 'apiKey');
      checkOptionalId(orgId, 'orgId');
      const org = orgId === undefined ? null : await organization(orgId);
      const checked = await askLuma(luma, apiKey, allowedVisibilities(org?.visibilityWish));
      if (org !== null) mustBeOf(org, checked.calendarId, 'the key opens');
      return checked;
    },

    async checkFeed(icalUrl, orgId) {
      const url = checkedFeedAddress(icalUrl, luma);
      checkOptionalId(orgId, 'orgId');
      const org = orgId === undefined ? null : await organization(orgId);
      const checked = await readFeed(luma, url);
      if (org !== null) mustBeOf(org, checked.calendarId, 'the feed is of');
      return checked;
    },

    async check(orgId) {
      const org = await organization(orgId);
      const { _id, icalUrl, calendarId: boundTo } = org;
      if (icalUrl !== undefined) {
        return { id: String(_id), source: 'ical', ...(await readFeed(luma, icalUrl)), boundTo };
      }
      const checked = await askLuma(luma, storedKeyOf(org), allowedVisibilities(org.visibilityWish));
      return { id: String(_id), ...checked, boundTo };
    },
  };
}

/** @throws LumaCheckFailed where its syncs were of another calendar */
function mustBeOf({ _id, calendarId: boundTo }: SyncableOrg, calendarId: string, what: string): void {
  if (boundTo === null || boundTo === calendarId) return;
  throw new LumaCheckFailed(
    'LumaCalendarChanged',
    `${what} calendar ${calendarId}, earlier syncs were of ${boundTo}`,
    `if that is meant, first: ${commandLine('luma-sync', 'orgs', 'rebind', ...argument(String(_id)))}`,
  );
}

// What asks Luma is loaded when it is needed: few commands do.
const askLuma: typeof checkKeyAtLuma = async (...args) =>
  await (await import('./check-luma-key.js')).checkLumaKey(...args);

const readFeed: typeof checkFeed = async (...args) =>
  await (await import('./check-feed.js')).checkFeed(...args);

import { randomBytes } from 'node:crypto';
import { allowedVisibilities } from '../events/visibility.js';
import type { EventSource } from '../events/event.js';
import type { LumaApiOptions } from '../luma/api.js';
import { OrgNotFound } from '../mongo/errors.js';
import type {
  OrganizationContents,
  OrganizationSummary,
  RemovedOrganization,
  SyncableOrg,
  UnusableOrganization,
} from '../mongo/organizations.js';
import type { Store } from '../mongo/store.js';
import type { Keyring } from '../secrets/keyring.js';
import { isSealed, openStored, sealingKeyIdOf } from '../secrets/sealed-key.js';
import { argument, commandLine } from '../shell.js';
import { orgSyncWorkflowId } from '../workflows/contract.js';
import {
  checkFields,
  checkId,
  checkLumaKey,
  checkName,
  checkObject,
  checkOptionalId,
  checkWebAddress,
  checkYesOrNo,
} from './arguments.js';
import { isSyncRunning } from './cancel.js';
import { checkFeed as readFeed } from './check-feed.js';
import { type CheckedCalendar, checkLumaKey as askLuma } from './check-luma-key.js';
import { LumaCheckFailed, SyncRunning } from './errors.js';
import { checkedFeed, checkedFeedAddress, withFeedProblems } from './feeds.js';
import { type DecidedBy, personOf } from './person.js';
import { sealLumaKey } from './seal-luma-key.js';
import type { TemporalAccess } from './temporal.js';

export interface NewOrganizationWithKey {
  /** Default: a new one, `org-` and ten hexadecimal digits. */
  id?: string;
  name: string;
  /** The Luma key in clear text; sealed before it is stored. */
  apiKey: string;
  calendarUrl?: string;
}

/** One whose calendar has no key: its events come from the calendar's public feed. */
export interface NewOrganizationWithFeed extends Omit<NewOrganizationWithKey, 'apiKey'> {
  /** The address behind “Add iCal Subscription” on the calendar's page. */
  icalUrl: string;
  /** IANA name: of events whose place does not tell it. Default: UTC. */
  timezone?: string | undefined;
}

export interface CheckedOrganization extends CheckedCalendar {
  id: string;
  /** The feed was read. Absent: the API was asked, with the stored key. */
  source?: 'ical';
  /** The calendar that its syncs were of; `null`: the next one decides. */
  boundTo: string | null;
}

export interface OrganizationDetails extends OrganizationSummary, OrganizationContents {
  /** The calendar that its syncs were of. */
  calendarId?: string;
  /** How its Luma key is stored. */
  key: 'sealed' | 'clear-text' | 'none';
  /** The key of the key ring that sealed it. */
  keyId?: string;
  /** Visibilities that are stored. */
  visibilities: string[];
}

/** Organizations. All throw InvalidArgument and StoreUnavailable; those that take an id throw OrgNotFound. */
export interface Organizations {
  /** Asks Luma nothing. @returns the id. @throws OrgAlreadyExists, KeyringMismatch */
  add(organization: NewOrganizationWithKey | NewOrganizationWithFeed): Promise<string>;
  /**
   * Gives an organization another Luma key, sealed, whatever it had. Asks Luma nothing.
   * @param apiKey in clear text
   * @returns where its last complete sync read; `null` where there was none. @throws KeyringMismatch
   */
  setKey(orgId: string, apiKey: string): Promise<EventSource | null>;
  /**
   * Asks Luma which calendar a key opens, and stores nothing.
   * @param apiKey in clear text
   * @param orgId whose key it is to be: then it has to open the calendar that its syncs were of
   * @throws LumaCheckFailed, of type LumaCalendarChanged too
   */
  checkKey(apiKey: string, orgId?: string): Promise<CheckedCalendar>;
  /** Reads a calendar's public feed, and stores nothing. @throws LumaCheckFailed */
  checkFeed(icalUrl: string): Promise<CheckedCalendar>;
  /** Asks Luma which calendar the stored key opens, or reads its feed. @throws LumaCheckFailed, KeyUnreadable */
  check(orgId: string): Promise<CheckedOrganization>;
  list(): Promise<OrganizationSummary[]>;
  /** One organization: how it stands, and how much is kept of it. */
  show(orgId: string): Promise<OrganizationDetails>;
  /** The first 20 organizations with a key or a feed that no sync can be of, and why. */
  unusable(): Promise<UnusableOrganization[]>;
  /**
   * Forgets which calendar the organization is of: the next sync binds it to the one that its key opens.
   * @returns the calendar's id that was forgotten, `null` where there was none. @throws RangeError
   */
  rebind(orgId: string, options?: DecidedBy): Promise<string | null>;
  /**
   * Removes an organization, its events and its records; decisions stay. Where it was cut off, it can be repeated. Of a
   * document that has fields of the application's own, only those that luma-sync writes go.
   * @throws SyncRunning, TemporalUnavailable
   */
  remove(orgId: string, options?: RemoveOptions): Promise<RemovedOrganization>;
}

export interface RemoveOptions {
  /** Leaves `events` and `removed_events` as they are. Default false. */
  keepEvents?: boolean;
}

export interface OrganizationsNeed {
  store: () => Promise<Store>;
  /** @throws NotConfigured where there is none */
  keyring: () => Keyring;
  temporal: TemporalAccess;
  taskQueue: string;
  luma: Pick<LumaApiOptions, 'baseUrl' | 'allowHttp' | 'proxies'>;
}

const ADD_FIELDS = ['id', 'name', 'apiKey', 'icalUrl', 'timezone', 'calendarUrl'];

export function organizationsOf(need: OrganizationsNeed): Organizations {
  const { store, luma } = need;

  function storedKeyOf({ _id, storedKey, keyProblem }: SyncableOrg): string {
    if (storedKey !== null) return openStored(need.keyring(), String(_id), storedKey);
    const give = commandLine('luma-sync', 'orgs', 'set-key', ...argument(String(_id)));
    const why = keyProblem === undefined ? 'it has no Luma key' : `it has no usable Luma key: ${keyProblem}`;
    throw new LumaCheckFailed('OrgHasNoKey', why, `give it one: ${give}`);
  }

  return {
    async add(organization) {
      checkFields(organization, 'the organization', ADD_FIELDS);
      const { id = `org-${randomBytes(5).toString('hex')}`, name, calendarUrl } = organization;
      checkId(id, 'id');
      checkName(name, 'name');
      if (calendarUrl !== undefined) checkWebAddress(calendarUrl, 'calendarUrl');
      if ('icalUrl' in organization) {
        const { icalUrl, timezone } = checkedFeed(organization, luma);
        return await (await store()).organizations.add({ id, name, icalUrl, timezone, calendarUrl });
      }
      const { apiKey } = organization;
      checkLumaKey(apiKey, 'apiKey');
      const ring = need.keyring();
      const { organizations, keyringChecks } = await store();
      await keyringChecks.ensure(ring);
      return await organizations.add({ id, name, sealedKey: sealLumaKey(ring, id, apiKey), calendarUrl });
    },

    async setKey(orgId, apiKey) {
      checkId(orgId, 'orgId');
      checkLumaKey(apiKey, 'apiKey');
      const ring = need.keyring();
      const { organizations, keyringChecks } = await store();
      await keyringChecks.ensure(ring);
      const { _id, lastSource = null } = await organizations.get(orgId);
      const there = await organizations.putKey(_id, sealLumaKey(ring, String(_id), apiKey));
      if (!there) throw new OrgNotFound(orgId);
      return lastSource;
    },

    async checkFeed(icalUrl) {
      return await readFeed(luma, checkedFeedAddress(icalUrl, luma));
    },

    async checkKey(apiKey, orgId) {
      checkLumaKey(apiKey, 'apiKey');
      checkOptionalId(orgId, 'orgId');
      const org = orgId === undefined ? null : await (await store()).organizations.get(orgId);
      const checked = await askLuma(luma, apiKey, allowedVisibilities(org?.visibilityWish));
      const boundTo = org?.calendarId ?? null;
      if (org === null || boundTo === null || boundTo === checked.calendarId) return checked;
      throw new LumaCheckFailed(
        'LumaCalendarChanged',
        `the key opens calendar ${checked.calendarId}, earlier syncs were of ${boundTo}`,
        `if that is meant, first: ${commandLine('luma-sync', 'orgs', 'rebind', ...argument(String(org._id)))}`,
      );
    },

    async check(orgId) {
      checkId(orgId, 'orgId');
      const org = await (await store()).organizations.get(orgId);
      const { icalUrl } = org;
      const checked =
        icalUrl === undefined
          ? await askLuma(luma, storedKeyOf(org), allowedVisibilities(org.visibilityWish))
          : await readFeed(luma, icalUrl);
      const read = icalUrl === undefined ? {} : { source: 'ical' as const };
      return { id: String(org._id), ...read, ...checked, boundTo: org.calendarId };
    },

    list: async () => (await (await store()).organizations.list()).map((one) => withFeedProblems(one, luma)),

    async show(orgId) {
      checkId(orgId, 'orgId');
      const { organizations, now } = await store();
      const org = await organizations.get(orgId);
      const [summary, contents] = await Promise.all([
        organizations.summary(org._id),
        organizations.contents(org._id, now()),
      ]);
      if (summary === null) throw new OrgNotFound(orgId);
      return {
        ...withFeedProblems(summary, luma),
        ...contents,
        ...keyOf(org),
        visibilities: [...allowedVisibilities(org.visibilityWish)],
      };
    },

    unusable: async () => await (await store()).organizations.unusable(),

    async rebind(orgId, options = {}) {
      checkId(orgId, 'orgId');
      const by = personOf(options);
      const { organizations, decisions } = await store();
      const { _id } = await organizations.get(orgId);
      return await decisions.rebind(_id, by);
    },

    async remove(orgId, options = {}) {
      checkId(orgId, 'orgId');
      checkObject(options, 'the options');
      const { keepEvents = false } = options;
      checkYesOrNo(keepEvents, 'keepEvents');
      const { organizations } = await store();
      const { _id } = await organizations.get(orgId);
      const workflowId = orgSyncWorkflowId(String(_id), need.taskQueue);
      if (await isSyncRunning(need.temporal, workflowId)) throw new SyncRunning(String(_id), workflowId);
      return await organizations.remove(_id, { keepEvents });
    },
  };
}

function keyOf({
  storedKey,
  calendarId,
}: SyncableOrg): Pick<OrganizationDetails, 'key' | 'keyId' | 'calendarId'> {
  const bound = calendarId === null ? {} : { calendarId };
  if (storedKey === null) return { ...bound, key: 'none' };
  if (!isSealed(storedKey)) return { ...bound, key: 'clear-text' };
  const keyId = sealingKeyIdOf(storedKey);
  return { ...bound, key: 'sealed', ...(keyId === null ? {} : { keyId }) };
}

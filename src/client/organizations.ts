import { randomBytes } from 'node:crypto';
import { allowedVisibilities } from '../events/visibility.js';
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
import { isSealed, sealingKeyIdOf } from '../secrets/sealed-key.js';
import { orgSyncWorkflowId } from '../workflows/contract.js';
import {
  checkFields,
  checkId,
  checkLumaKey,
  checkName,
  checkObject,
  checkWebAddress,
  checkYesOrNo,
  InvalidArgument,
} from './arguments.js';
import { isSyncRunning } from './cancel.js';
import { SyncRunning } from './errors.js';
import { checkedFeed, withFeedProblems } from './feeds.js';
import { type Feed, type OrganizationSources, organizationSourcesOf } from './organization-sources.js';
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
export interface NewOrganizationWithFeed extends Omit<NewOrganizationWithKey, 'apiKey'>, Feed {}

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
export interface Organizations extends OrganizationSources {
  /** Asks Luma nothing. @returns the id. @throws OrgAlreadyExists, KeyringMismatch */
  add(organization: NewOrganizationWithKey | NewOrganizationWithFeed): Promise<string>;
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

  return {
    async add(organization) {
      checkFields(organization, 'the organization', ADD_FIELDS);
      const { id = `org-${randomBytes(5).toString('hex')}`, name, calendarUrl } = organization;
      checkId(id, 'id');
      checkName(name, 'name');
      if (calendarUrl !== undefined) checkWebAddress(calendarUrl, 'calendarUrl');
      if ('icalUrl' in organization) {
        if ('apiKey' in organization) {
          throw new InvalidArgument('apiKey and icalUrl exclude each other: with a key the feed is not read');
        }
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

    ...organizationSourcesOf(need),

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

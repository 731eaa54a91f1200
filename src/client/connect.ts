import { randomBytes } from 'node:crypto';
import type { Config, ConfigParts } from '../config.js';
import type { EventDoc } from '../mongo/documents.js';
import type { OrganizationSummary } from '../mongo/organizations.js';
import { connectStore, type Store } from '../mongo/store.js';
import { seal } from '../secrets/sealed-key.js';
import {
  FULL_SYNC_WORKFLOW_ID,
  type FullSyncInput,
  type FullSyncProgress,
  type FullSyncResult,
  type OrgSyncInput,
  type OrgSyncProgress,
  type OrgSyncResult,
  orgSyncWorkflowId,
  SCHEDULE_ID,
  TASK_QUEUE,
} from '../workflows/contract.js';
import { type ChangeFeed, changeFeedOf } from './changes.js';
import { type DryRuns, dryRunsOf } from './dry-runs.js';
import { NotConfigured } from './errors.js';
import { type Quarantine, quarantineOf } from './quarantine.js';
import { type HeldRemovals, heldRemovalsOf } from './removals.js';
import { type SyncSchedule, syncSchedule } from './schedule.js';
import { followProgress, startSync, syncProgress, syncRun, type SyncRun } from './sync-run.js';
import { hasWorkers, type TemporalAccess, temporalAccess } from './temporal.js';

/** The parts of the settings that the functions to be called need: a schedule needs no MongoDB. */
export type LumaSyncConfig = Partial<Pick<Config, keyof Config & keyof ConfigParts>>;

export interface ConnectOptions {
  /** How long to try to reach Temporal, and MongoDB, before giving up. Default 5,000. */
  connectTimeoutMs?: number;
  /** The workers' task queue. Default `luma-sync`. */
  taskQueue?: string;
  /** Default `sync-luma-events`. */
  scheduleId?: string;
  /** Workflow id of a full sync; scheduled ones get their time appended. Default `luma-full-sync`. */
  fullSyncId?: string;
}

export type FullSyncRun = SyncRun<FullSyncResult, FullSyncProgress>;
export type OrgSyncRun = SyncRun<OrgSyncResult, OrgSyncProgress>;

export interface NewOrganizationWithKey {
  /** Default: a new one, `org-` and ten hexadecimal digits. */
  id?: string;
  name: string;
  /** The Luma key in clear text; sealed before it is stored. */
  apiKey: string;
  calendarUrl?: string;
}

export interface EventQuery {
  orgId?: string;
  /** Start at or after this instant. */
  from?: Date;
  /** Start before this instant. */
  to?: Date;
  limit: number;
  /** Those that are not public too, which are stored where `lumaVisibility` names them. Default false. */
  allVisibilities?: boolean;
}

/** Everything a program or the command line does with the syncs. Connects when a function first needs it. */
export interface LumaSync {
  /** Syncs every organization that has a key. @param options.workflowId default `luma-full-sync` */
  runFullEventSync(input?: FullSyncInput, options?: { workflowId?: string }): Promise<FullSyncRun>;
  /** Syncs one organization; attaches to its running sync where there is one. */
  syncOrgEvents(orgId: string, options?: Omit<OrgSyncInput, 'orgId'>): Promise<OrgSyncRun>;
  /** A full sync that exists, such as one that `schedule.trigger` started. */
  fullSync(workflowId: string, runId: string): FullSyncRun;
  /** An organization's sync, the latest, whoever started it. */
  orgSync(orgId: string): Pick<OrgSyncRun, 'workflowId' | 'progress'>;
  followProgress: typeof followProgress;
  /** Whether any worker takes work now. */
  hasWorkers(): Promise<boolean>;
  readonly schedule: SyncSchedule;
  readonly orgs: {
    /** @returns the id. @throws OrgAlreadyExists, StoreUnavailable */
    add(organization: NewOrganizationWithKey): Promise<string>;
    list(): Promise<OrganizationSummary[]>;
    /**
     * Forgets which calendar the organization is of: the next sync binds it to the one that its key opens.
     * @returns the calendar's id that was forgotten, `null` where there was none. @throws OrgNotFound, StoreUnavailable
     */
    rebind(orgId: string): Promise<string | null>;
  };
  readonly events: {
    /** By start, earliest first; public ones only, unless more is asked for. @throws OrgNotFound, StoreUnavailable */
    list(query: EventQuery): Promise<EventDoc[]>;
  };
  readonly changes: ChangeFeed;
  readonly removals: HeldRemovals;
  readonly quarantine: Quarantine;
  readonly dryRuns: DryRuns;
  close(): Promise<void>;
}

export function connectLumaSync(
  { temporal, mongo, keyring }: LumaSyncConfig,
  {
    connectTimeoutMs = 5_000,
    taskQueue = TASK_QUEUE,
    scheduleId = SCHEDULE_ID,
    fullSyncId = FULL_SYNC_WORKFLOW_ID,
  }: ConnectOptions = {},
): LumaSync {
  const access: TemporalAccess =
    temporal === undefined ? missingTemporal() : temporalAccess(temporal, connectTimeoutMs);
  let connecting: Promise<Store> | undefined;

  async function store(): Promise<Store> {
    if (mongo === undefined) throw new NotConfigured('this needs MongoDB: give the mongo settings');
    // A failed attempt is not kept: the next call tries again.
    connecting ??= connectStore({ ...mongo, connectTimeoutMs }).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return await connecting;
  }

  return {
    runFullEventSync: (input = {}, { workflowId = fullSyncId } = {}) =>
      startSync(access, {
        workflowType: 'FullSyncWorkflow',
        taskQueue,
        workflowId,
        input,
        summary: 'Sync of all organizations',
      }),

    syncOrgEvents: (orgId, options = {}) =>
      startSync(access, {
        workflowType: 'OrgSyncWorkflow',
        taskQueue,
        workflowId: orgSyncWorkflowId(orgId, taskQueue),
        input: { ...options, orgId },
        orgId,
        summary: `Sync of organization ${orgId}`,
      }),

    fullSync: (workflowId, runId) =>
      syncRun(access, { workflowId, runId, alreadyRunning: true, orgId: undefined }),
    orgSync: (orgId) => {
      const workflowId = orgSyncWorkflowId(orgId, taskQueue);
      return { workflowId, progress: () => syncProgress(access, workflowId) };
    },
    followProgress,
    hasWorkers: () => hasWorkers(access, taskQueue),
    schedule: syncSchedule(access, { scheduleId, fullSyncId, taskQueue }),

    orgs: {
      async add({ id = `org-${randomBytes(5).toString('hex')}`, name, apiKey, calendarUrl }) {
        if (keyring === undefined) {
          throw new NotConfigured('a Luma key is stored sealed only: give the key ring');
        }
        const sealedKey = seal(keyring, id, apiKey);
        const { organizations } = await store();
        return await organizations.add({
          id,
          name,
          sealedKey,
          ...(calendarUrl === undefined ? {} : { calendarUrl }),
        });
      },
      list: async () => await (await store()).organizations.list(),
      async rebind(orgId) {
        const { organizations } = await store();
        const { _id } = await organizations.get(orgId);
        return await organizations.forgetCalendar(_id);
      },
    },

    events: {
      async list({ orgId, ...query }) {
        const { organizations, events } = await store();
        if (orgId === undefined) return await events.list(query);
        // As in the collection: the application may use ObjectIds.
        const { _id } = await organizations.get(orgId);
        return await events.list({ ...query, orgId: _id });
      },
    },

    changes: changeFeedOf(store),
    removals: heldRemovalsOf(store),
    quarantine: quarantineOf(store),
    dryRuns: dryRunsOf(store),

    async close() {
      const opened = await connecting?.catch(() => undefined);
      await Promise.all([access.close(), opened?.close()]);
    },
  };
}

function missingTemporal(): TemporalAccess {
  return {
    address: '',
    namespace: '',
    use: () => Promise.reject(new NotConfigured('this needs Temporal: give the temporal settings')),
    close: () => Promise.resolve(),
  };
}

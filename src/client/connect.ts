import type { Config, ConfigParts } from '../config.js';
import type { EventDoc } from '../mongo/documents.js';
import { DEFAULT_LUMA_BASE_URL } from '../luma/base-url.js';
import { connectStore, type Store } from '../mongo/store.js';
import { shortened } from '../printable.js';
import {
  deploymentNames,
  type FullSyncInput,
  type FullSyncProgress,
  type FullSyncResult,
  type OrgSyncInput,
  type OrgSyncProgress,
  type OrgSyncResult,
  orgSyncWorkflowId,
} from '../workflows/contract.js';
import {
  checkFields,
  checkId,
  checkInstant,
  checkKeyring,
  checkLimit,
  checkObject,
  checkOptionalId,
  checkText,
  checkYesOrNo,
  InvalidArgument,
} from './arguments.js';
import { type CanceledSync, type CancelOptions, cancelSyncs } from './cancel.js';
import { type ChangeFeed, changeFeedOf } from './changes.js';
import { type DryRuns, dryRunsOf } from './dry-runs.js';
import { NotConfigured } from './errors.js';
import { type KeyringOperations, keyringOf } from './keyring.js';
import { type Organizations, organizationsOf } from './organizations.js';
import { type Quarantine, quarantineOf } from './quarantine.js';
import { type HeldRemovals, heldRemovalsOf } from './removals.js';
import { runningFullSyncs } from './running-syncs.js';
import { type SyncRuns, syncRunsOf } from './runs.js';
import { type SyncSchedule, syncSchedule } from './schedule.js';
import { readStatus, type Status, type StatusOptions } from './status.js';
import { followProgress, startSync, syncProgress, syncRun, type SyncRun } from './sync-run.js';
import type { Keyring } from '../secrets/keyring.js';
import { hasWorkers, OUTAGE_LIMIT_MS, type TemporalAccess, temporalAccess } from './temporal.js';
import { syncMemory } from './watch/sync-memory.js';
import { watchSync } from './watch/watch-sync.js';
import { type Webhooks, webhooksOf } from './webhooks.js';

/**
 * The parts of the settings that the functions to be called need: a schedule needs no MongoDB. `scope` gives the
 * names of a deployment of its own; options go before it.
 */
export type LumaSyncConfig = Partial<
  Pick<Config, (keyof Config & keyof ConfigParts) | 'scope' | 'lumaBaseUrl' | 'lumaAllowHttp' | 'publicUrl'> &
    Pick<ConfigParts, 'lumaProxies'>
>;

export interface ConnectOptions {
  /** How long to try to reach Temporal, and MongoDB, before giving up. Default 5,000. */
  connectTimeoutMs?: number;
  /** How long to wait for a Temporal that does not answer any more, while waiting for a sync. Default 90,000. */
  outageLimitMs?: number;
  /** The workers' task queue. Default `luma-sync`. */
  taskQueue?: string;
  /** Default `sync-luma-events`. */
  scheduleId?: string;
  /** Workflow id of a full sync; scheduled ones get their time appended. Default `luma-full-sync`. */
  fullSyncId?: string;
}

export type FullSyncRun = SyncRun<FullSyncResult, FullSyncProgress>;
export type OrgSyncRun = SyncRun<OrgSyncResult, OrgSyncProgress>;

export interface EventQuery {
  orgId?: string;
  /** Start at or after this instant. */
  from?: Date;
  /** Start before this instant. */
  to?: Date;
  /** 1 to 10,000. */
  limit: number;
  /** Those that are not public too, which are stored where `lumaVisibility` names them. Default false. */
  allVisibilities?: boolean;
}

/**
 * Everything a program or the command line does with the syncs. Connects when a function first needs it.
 * Every function throws InvalidArgument for an argument that is not of the kind it takes.
 */
export interface LumaSync {
  /** Syncs every organization that has a key. @param options.workflowId default `luma-full-sync` */
  runFullEventSync(input?: FullSyncInput, options?: { workflowId?: string }): Promise<FullSyncRun>;
  /** Syncs one organization; attaches to its running sync where there is one. */
  syncOrgEvents(orgId: string, options?: Omit<OrgSyncInput, 'orgId'>): Promise<OrgSyncRun>;
  /** A full sync that exists, such as one that `schedule.trigger` started. */
  fullSync(workflowId: string, runId: string): FullSyncRun;
  /** An organization's sync, the latest, whoever started it. */
  orgSync(orgId: string): Pick<OrgSyncRun, 'workflowId' | 'progress'>;
  /**
   * Asks syncs to end, and waits for that: an organization's, or every full sync with all that it has started.
   * @returns one entry a sync that was running, full syncs first
   */
  cancel(orgId?: string, options?: CancelOptions): Promise<CanceledSync[]>;
  followProgress: typeof followProgress;
  watchSync: typeof watchSync;
  /** A full sync that runs, whoever started it; `undefined` where none does. @throws TemporalUnavailable */
  runningFullSync(): Promise<FullSyncRun | undefined>;
  /** Where the syncs wait for workers. */
  readonly taskQueue: string;
  /** Whether any worker takes work now. */
  hasWorkers(): Promise<boolean>;
  /** How everything stands: workers, schedule, what runs, organizations. Says what could not be read, and does not throw for it. */
  status(options?: StatusOptions): Promise<Status>;
  readonly runs: SyncRuns;
  readonly schedule: SyncSchedule;
  readonly orgs: Organizations;
  readonly events: {
    /** By start, earliest first; public ones only, unless more is asked for. @throws OrgNotFound, StoreUnavailable */
    list(query: EventQuery): Promise<EventDoc[]>;
  };
  readonly keyring: KeyringOperations;
  readonly changes: ChangeFeed;
  readonly removals: HeldRemovals;
  readonly quarantine: Quarantine;
  readonly dryRuns: DryRuns;
  readonly webhooks: Webhooks;
  close(): Promise<void>;
}

export function connectLumaSync(config: LumaSyncConfig, options: ConnectOptions = {}): LumaSync {
  checkConnection(config, options);
  const { temporal, mongo } = config;
  const { connectTimeoutMs = 5_000, outageLimitMs, ...names } = options;
  const access: TemporalAccess =
    temporal === undefined ? missingTemporal() : temporalAccess(temporal, connectTimeoutMs, outageLimitMs);
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
    ...lumaSyncOver({ temporal: access, store }, config, names),
    async close() {
      const opened = await connecting?.catch(() => undefined);
      await Promise.all([access.close(), opened?.close()]);
    },
  };
}

/** Connections that somebody else opens and closes. */
export interface Connections {
  temporal: TemporalAccess;
  store: () => Promise<Store>;
}

/** What `connectLumaSync` makes, over connections that are there. */
export function lumaSyncOver(
  { temporal: access, store }: Connections,
  config: LumaSyncConfig,
  names: Pick<ConnectOptions, 'taskQueue' | 'scheduleId' | 'fullSyncId'> = {},
): Omit<LumaSync, 'close'> {
  const { keyring, scope } = config;
  const { taskQueue, scheduleId, fullSyncId } = { ...deploymentNames(scope ?? null), ...names };

  function neededKeyring(): Keyring {
    if (keyring === undefined) throw new NotConfigured('a Luma key is stored sealed only: give the key ring');
    return keyring;
  }

  const memory = syncMemory();
  const luma = {
    baseUrl: config.lumaBaseUrl ?? DEFAULT_LUMA_BASE_URL,
    allowHttp: config.lumaAllowHttp,
    proxies: config.lumaProxies,
  };
  const schedule = syncSchedule(access, { scheduleId, fullSyncId, taskQueue });

  return {
    async runFullEventSync(input = {}, { workflowId = fullSyncId } = {}) {
      checkObject(input, 'the input');
      checkId(workflowId, 'workflowId');
      return await startSync(access, {
        workflowType: 'FullSyncWorkflow',
        taskQueue,
        workflowId,
        input,
        summary: 'Sync of all organizations',
      });
    },

    async syncOrgEvents(orgId, options = {}) {
      checkId(orgId, 'orgId');
      checkObject(options, 'the options');
      return await startSync(access, {
        workflowType: 'OrgSyncWorkflow',
        taskQueue,
        workflowId: orgSyncWorkflowId(orgId, taskQueue),
        input: { ...options, orgId },
        orgId,
        summary: `Sync of organization ${shortened(orgId, 60)}`,
      });
    },

    fullSync(workflowId, runId) {
      checkText(workflowId, 'workflowId');
      checkText(runId, 'runId');
      return syncRun(access, { workflowId, runId, alreadyRunning: true, orgId: undefined });
    },
    orgSync(orgId) {
      checkId(orgId, 'orgId');
      const workflowId = orgSyncWorkflowId(orgId, taskQueue);
      return { workflowId, progress: () => syncProgress(access, workflowId) };
    },
    async cancel(orgId, options = {}) {
      checkOptionalId(orgId, 'orgId');
      checkFields(options, 'the options', ['waitMs']);
      return await cancelSyncs(access, { taskQueue, scheduleId, fullSyncId }, { orgId, ...options });
    },
    followProgress,
    watchSync,
    async runningFullSync() {
      const [found] = await access.use((client) =>
        runningFullSyncs(client, { fullSyncId, scheduleId, taskQueue }),
      );
      if (found === undefined) return undefined;
      const { workflowId, firstRunId } = found;
      return syncRun(access, { workflowId, runId: firstRunId, alreadyRunning: true, orgId: undefined });
    },
    taskQueue,
    hasWorkers: () => hasWorkers(access, taskQueue),
    status: (options) =>
      readStatus(
        { temporal: access, schedule, store, taskQueue, fullSyncId, memory, publicUrl: config.publicUrl },
        options,
      ),
    runs: syncRunsOf(store),
    schedule: {
      ...schedule,
      async apply(options = {}) {
        checkFields(options, 'the options', ['at', 'cron', 'input']);
        if (options.at !== undefined) checkText(options.at, 'at');
        if (options.cron !== undefined) checkText(options.cron, 'cron');
        if (options.input !== undefined) checkObject(options.input, 'input');
        return await schedule.apply(options);
      },
    },

    orgs: organizationsOf({
      ...{ store, keyring: neededKeyring, temporal: access, taskQueue, luma },
    }),

    events: {
      async list(query) {
        checkFields(query, 'the query', ['orgId', 'from', 'to', 'limit', 'allVisibilities']);
        const { orgId, from, to, limit, allVisibilities } = query;
        checkOptionalId(orgId, 'orgId');
        checkInstant(from, 'from');
        checkInstant(to, 'to');
        checkLimit(limit, MAX_EVENTS);
        checkYesOrNo(allVisibilities, 'allVisibilities');
        const { organizations, events } = await store();
        // As in the collection: the application may use ObjectIds.
        const _id = orgId === undefined ? undefined : (await organizations.get(orgId))._id;
        return await events.list({ orgId: _id, from, to, limit, allVisibilities });
      },
    },

    keyring: keyringOf(store, neededKeyring),

    changes: changeFeedOf(store),
    removals: heldRemovalsOf(store),
    quarantine: quarantineOf(store),
    dryRuns: dryRunsOf(store),
    webhooks: webhooksOf({ store, keyring: neededKeyring, luma, publicUrl: config.publicUrl }),
  };
}

/** Events that `events.list` returns at most; the changes of `events` have no end. */
const MAX_EVENTS = 10_000;

function checkConnection(config: LumaSyncConfig, options: ConnectOptions): void {
  checkObject(config, 'the settings');
  checkFields(options, 'the options', [
    ...['connectTimeoutMs', 'outageLimitMs', 'taskQueue', 'scheduleId', 'fullSyncId'],
  ]);
  const { temporal, mongo, keyring } = config;
  if (temporal !== undefined) checkObject(temporal, 'temporal');
  if (mongo !== undefined) {
    checkObject(mongo, 'mongo');
    checkText(mongo.uri, 'mongo.uri');
    checkText(mongo.db, 'mongo.db');
  }
  if (keyring !== undefined) checkKeyring(keyring);
  const { connectTimeoutMs = 1, outageLimitMs = 1, ...names } = options;
  for (const [name, ms] of Object.entries({ connectTimeoutMs, outageLimitMs })) {
    if (!Number.isInteger(ms) || ms < 1) {
      throw new InvalidArgument(`${name} must be a whole number of milliseconds`);
    }
  }
  for (const [name, value] of Object.entries(names)) checkOptionalId(value, name);
}

function missingTemporal(): TemporalAccess {
  return {
    address: '',
    namespace: '',
    outageLimitMs: OUTAGE_LIMIT_MS,
    use: () => Promise.reject(new NotConfigured('this needs Temporal: give the temporal settings')),
    close: () => Promise.resolve(),
  };
}

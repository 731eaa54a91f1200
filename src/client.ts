/**
 * The package's main entry: start syncs, follow them, manage the schedule, read organizations and events.
 *
 *     const lumaSync = connectLumaSync(readConfig(process.env, ['temporal']));
 *     const run = await lumaSync.syncOrgEvents('acme');
 *     console.log(await run.result());
 *     await lumaSync.close();
 */
import { checkId, checkObject, checkOptionalId, checkTextOrNull } from './client/arguments.js';
import type { ChangesQuery } from './client/changes.js';
import { connectLumaSync, type LumaSync, type LumaSyncConfig } from './client/connect.js';
import { type ConfigPart, processEnvironment, readConfig } from './config.js';
import type { ChangePage } from './mongo/changes.js';
import type { FullSyncInput, FullSyncResult, OrgSyncInput, OrgSyncResult } from './workflows/contract.js';

export { connectLumaSync };
export { InvalidArgument } from './client/arguments.js';
export type { CanceledSync, CancelOptions } from './client/cancel.js';
export type { ChangeFeed, ChangesQuery } from './client/changes.js';
export type { CheckedCalendar } from './client/check-luma-key.js';
export type {
  ConnectOptions,
  EventQuery,
  FullSyncRun,
  LumaSync,
  LumaSyncConfig,
  OrgSyncRun,
} from './client/connect.js';
export type { Check } from './client/doctor/check.js';
export { diagnose, type DiagnoseOptions, type Diagnosis } from './client/doctor/diagnose.js';
export { DryRunNotFound, type DryRuns, type OrgDryRun } from './client/dry-runs.js';
export {
  LumaCheckFailed,
  NotConfigured,
  ScheduleInvalid,
  ScheduleMissing,
  SyncFailed,
  SyncRunning,
  TemporalUnavailable,
} from './client/errors.js';
export type { KeyringOperations, KeyringRotation, KeyringStatus, RotateOptions } from './client/keyring.js';
export type {
  CheckedOrganization,
  Feed,
  KeyRemoval,
  OrganizationSources,
  SourceChange,
  SourceRemoval,
} from './client/organization-sources.js';
export type {
  NewOrganizationWithFeed,
  NewOrganizationWithKey,
  OrganizationDetails,
  Organizations,
  RemoveOptions,
} from './client/organizations.js';
export {
  estimate,
  type Estimate,
  type EstimateConfig,
  type EstimateOptions,
  type OrgEstimate,
} from './client/estimate.js';
export { TEMPORAL_CLOUD_PRICE } from './client/estimate-arithmetic.js';
export type { Quarantine, QuarantinedSummary } from './client/quarantine.js';
export type { DecidedBy } from './client/person.js';
export {
  type DecideOptions,
  type Decision,
  type HeldRemoval,
  type HeldRemovals,
  RemovalAlreadyDecided,
  RemovalNotHeld,
  type RemovalsDecided,
} from './client/removals.js';
export { RunNotFound, type RunSummary, type SyncRuns } from './client/runs.js';
export type { RunDay } from './client/runs-days.js';
export type {
  AppliedSchedule,
  ScheduleChange,
  ScheduleInfo,
  ScheduleOptions,
  SyncSchedule,
  TriggeredSync,
} from './client/schedule.js';
export { sealLumaKey } from './client/seal-luma-key.js';
export type { Status, StatusOptions, StatusPart, Waiting } from './client/status.js';
export type { Need } from './client/status/needs.js';
export type { OrganizationsStatus } from './client/status/organizations.js';
export type { RunningSyncs, RunningSyncStatus } from './client/status/running.js';
export { followProgress, type SyncRun } from './client/sync-run.js';
export type { SyncLook, TemporalAway, WatchedOrg } from './client/watch/look.js';
export { watchSync } from './client/watch/watch-sync.js';
export { type Config, ConfigError, readConfig } from './config.js';
export { fetchLumaEvents } from './luma/fetch-luma-events.js';
export { PositionInvalid } from './mongo/change-position.js';
export type { Change, ChangedEvent, ChangePage } from './mongo/changes.js';
export type { DryRunPreview, EventDoc, OrgId, PreviewEntry, RemovalReason } from './mongo/documents.js';
export {
  DocumentTooLarge,
  OrgAlreadyExists,
  OrgNotFound,
  StoreMisused,
  StoreUnavailable,
} from './mongo/errors.js';
export type { KeyringCheck } from './mongo/keyring-checks.js';
export type {
  OrganizationSummary,
  RemovedOrganization,
  UnusableOrganization,
} from './mongo/organizations.js';
export { KeyringMismatch } from './secrets/errors.js';
export type { Keyring } from './secrets/keyring.js';
export type { AppliedWebhook, RemovedWebhook, WebhookInfo, Webhooks } from './client/webhooks.js';
export * from './workflows/contract.js';

export interface RunOptions {
  /** Default: as the environment says. */
  config?: LumaSyncConfig;
}

/**
 * Syncs every organization that has a key, and waits for the end. `connectLumaSync` has the same for programs
 * that start many, or follow the progress.
 * @throws InvalidArgument, ConfigError, TemporalUnavailable, SyncFailed
 */
export async function runFullEventSync(
  input: FullSyncInput = {},
  options: RunOptions = {},
): Promise<FullSyncResult> {
  checkObject(input, 'the input');
  checkObject(options, 'the options');
  return await connected(options, async (lumaSync) => (await lumaSync.runFullEventSync(input)).result());
}

/**
 * Syncs one organization, and waits for the end; joins its running sync where there is one.
 * @throws InvalidArgument, ConfigError, TemporalUnavailable, SyncFailed (type `OrgNotFound` where there is no such organization)
 */
export async function syncOrgEvents(
  orgId: string,
  runOptions: RunOptions & Omit<OrgSyncInput, 'orgId'> = {},
): Promise<OrgSyncResult> {
  checkId(orgId, 'orgId');
  checkObject(runOptions, 'the options');
  const { config, ...input } = runOptions;
  return await connected({ config }, async (lumaSync) =>
    (await lumaSync.syncOrgEvents(orgId, input)).result(),
  );
}

/**
 * Reads one page of the changes of `events`, and closes the connection again. A program that goes on reading uses
 * `connectLumaSync(…).changes.read`.
 * @param since `position` of the page before; `null`: from the beginning
 * @throws InvalidArgument, ConfigError, PositionInvalid, RangeError, OrgNotFound, StoreUnavailable
 */
export async function readChanges(
  since: string | null,
  orgId?: string,
  runOptions: RunOptions & Pick<ChangesQuery, 'limit'> = {},
): Promise<ChangePage> {
  checkTextOrNull(since, 'since');
  checkOptionalId(orgId, 'orgId');
  checkObject(runOptions, 'the options');
  const { config, ...query } = runOptions;
  return await connected(
    { config },
    (lumaSync) => lumaSync.changes.read({ ...query, since, orgId }),
    'mongo',
  );
}

async function connected<T>(
  { config }: RunOptions,
  work: (lumaSync: LumaSync) => Promise<T>,
  needs: Extract<ConfigPart, keyof LumaSyncConfig> = 'temporal',
): Promise<T> {
  const lumaSync = connectLumaSync(config ?? readConfig(processEnvironment(), [needs]));
  try {
    return await work(lumaSync);
  } finally {
    await lumaSync.close();
  }
}

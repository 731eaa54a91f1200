/**
 * The package's main entry: start syncs, follow them, manage the schedule, read organizations and events.
 *
 *     const lumaSync = connectLumaSync(readConfig(process.env, ['temporal']));
 *     const run = await lumaSync.syncOrgEvents('acme');
 *     console.log(await run.result());
 *     await lumaSync.close();
 */
import { connectLumaSync, type LumaSync, type LumaSyncConfig } from './client/connect.js';
import { processEnvironment, readConfig } from './config.js';
import type { FullSyncInput, FullSyncResult, OrgSyncInput, OrgSyncResult } from './workflows/contract.js';

export { connectLumaSync };
export type {
  ConnectOptions,
  EventQuery,
  FullSyncRun,
  LumaSync,
  LumaSyncConfig,
  NewOrganizationWithKey,
  OrgSyncRun,
} from './client/connect.js';
export {
  NotConfigured,
  ScheduleInvalid,
  ScheduleMissing,
  SyncFailed,
  TemporalUnavailable,
} from './client/errors.js';
export type {
  AppliedSchedule,
  ScheduleInfo,
  ScheduleOptions,
  SyncSchedule,
  TriggeredSync,
} from './client/schedule.js';
export { followProgress, type SyncRun } from './client/sync-run.js';
export { type Config, ConfigError, readConfig } from './config.js';
export { fetchLumaEvents } from './luma/fetch-luma-events.js';
export type { EventDoc } from './mongo/documents.js';
export { OrgAlreadyExists, OrgNotFound, StoreUnavailable } from './mongo/errors.js';
export type { OrganizationSummary } from './mongo/organizations.js';
export * from './workflows/contract.js';

export interface RunOptions {
  /** Default: `TEMPORAL_*` of the environment. */
  config?: LumaSyncConfig;
}

/**
 * Syncs every organization that has a key, and waits for the end. `connectLumaSync` has the same for programs
 * that start many, or follow the progress.
 * @throws ConfigError, TemporalUnavailable, SyncFailed
 */
export async function runFullEventSync(
  input: FullSyncInput = {},
  options: RunOptions = {},
): Promise<FullSyncResult> {
  return await connected(options, async (lumaSync) => (await lumaSync.runFullEventSync(input)).result());
}

/**
 * Syncs one organization, and waits for the end; joins its running sync where there is one.
 * @throws ConfigError, TemporalUnavailable, SyncFailed (type `OrgNotFound` where there is no such organization)
 */
export async function syncOrgEvents(
  orgId: string,
  { config, ...input }: RunOptions & Omit<OrgSyncInput, 'orgId'> = {},
): Promise<OrgSyncResult> {
  const options = config === undefined ? {} : { config };
  return await connected(options, async (lumaSync) => (await lumaSync.syncOrgEvents(orgId, input)).result());
}

async function connected<T>({ config }: RunOptions, work: (lumaSync: LumaSync) => Promise<T>): Promise<T> {
  const lumaSync = connectLumaSync(config ?? readConfig(processEnvironment(), ['temporal']));
  try {
    return await work(lumaSync);
  } finally {
    await lumaSync.close();
  }
}

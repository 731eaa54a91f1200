import pLimit from 'p-limit';
import { type Config, processEnvironment, readConfig } from '../config.js';
import { createLumaApi } from '../luma/api.js';
import { LumaError } from '../luma/errors.js';
import { connectStore, type Store } from '../mongo/store.js';
import { KeyUnreadable } from '../secrets/errors.js';
import { deploymentNames } from '../workflows/contract.js';
import { checkFields, checkOptionalId, InvalidArgument } from './arguments.js';
import {
  type Cost,
  costOfFullSync,
  dollarsAMonth,
  minutesAtLimit,
  scaled,
  TEMPORAL_CLOUD_PRICE,
  total,
} from './estimate-arithmetic.js';
import { type EstimateBasis, estimateOrganization, NotEstimated } from './estimate-organization.js';
import { type RunsADay, runsADay } from './runs-a-day.js';
import { temporalAccess } from './temporal.js';

export type EstimateConfig = Config<'temporal' | 'mongo' | 'lumaProxies'> & Partial<Config<'keyring'>>;

export interface EstimateOptions {
  /** Of one organization, without what a full sync costs beside. Default: of all. */
  orgId?: string;
  /** Of Temporal Cloud, for a million actions. Default 50, the price of July 2026. */
  dollarsPerMillion?: number;
  /** Default: as the environment says. */
  config?: EstimateConfig;
}

export interface OrgEstimate {
  orgId: string;
  basis: EstimateBasis;
  /** The calendar is larger than was looked at. */
  rough?: true;
  aRun: Cost;
  /** How long the requests of one sync take at Luma's limit. */
  minutesAtLimit: number;
}

export interface Estimate {
  schedule: RunsADay;
  /** By requests, the most first. */
  organizations: OrgEstimate[];
  /** Those of which nothing can be said, and why. */
  notEstimated: { orgId: string; reason: string }[];
  aRun: Cost;
  aDay: Cost;
  /** Of the calendar that takes the longest: their limits are apart. */
  minutesAtLimit: number;
  temporalCloud: { dollarsAMonth: number; dollarsPerMillion: number };
}

/** Organizations that are looked at side by side. */
const AT_ONCE = 8;
/** Ids a read. */
const RANGE = 500;

/**
 * What the scheduled syncs cost: requests to Luma, actions of Temporal, writes of MongoDB. Reckoned from the last syncs;
 * of an organization that was never synced, from a request or two to Luma.
 * @throws InvalidArgument, ConfigError, OrgNotFound, StoreUnavailable
 */
export async function estimate(options: EstimateOptions = {}): Promise<Estimate> {
  checkFields(options, 'the options', ['orgId', 'dollarsPerMillion', 'config']);
  const { orgId, dollarsPerMillion = TEMPORAL_CLOUD_PRICE.dollarsPerMillion } = options;
  checkOptionalId(orgId, 'orgId');
  if (!Number.isFinite(dollarsPerMillion) || dollarsPerMillion < 0) {
    throw new InvalidArgument('dollarsPerMillion must be a number that is not negative');
  }
  const config =
    options.config ?? readConfig(processEnvironment(), ['temporal', 'mongo', 'keyring', 'lumaProxies']);
  const access = temporalAccess(config.temporal, CONNECT_MS);
  let store: Store | undefined;
  try {
    store = await connectStore({ ...config.mongo, connectTimeoutMs: CONNECT_MS });
    const { scheduleId } = deploymentNames(config.scope ?? null);
    const schedule = await runsADay(access, scheduleId, new Date());
    const luma = createLumaApi({
      baseUrl: config.lumaBaseUrl,
      allowHttp: config.lumaAllowHttp,
      proxies: config.lumaProxies,
    });
    const means = { store, luma, keyring: config.keyring, runsADay: schedule.runsADay };
    const ids = orgId === undefined ? await allIds(store) : [orgId];
    const limit = pLimit(AT_ONCE);
    const found = await Promise.all(ids.map((id) => limit(() => ofOrganization(id, means))));
    const organizations = found
      .flatMap((one) => ('aRun' in one ? one : []))
      .toSorted((a, b) => b.aRun.lumaRequests - a.aRun.lumaRequests);
    const beside = orgId === undefined ? [costOfFullSync(ids.length)] : [];
    const aRun = total([...organizations.map((one) => one.aRun), ...beside]);
    const aDay = scaled(aRun, schedule.runsADay);
    return {
      schedule,
      organizations,
      notEstimated: found.flatMap((one) => ('reason' in one ? one : [])),
      aRun,
      aDay,
      minutesAtLimit: Math.max(0, ...organizations.map((one) => one.minutesAtLimit)),
      temporalCloud: {
        dollarsAMonth: dollarsAMonth(aDay, dollarsPerMillion),
        dollarsPerMillion,
      },
    };
  } finally {
    await Promise.all([access.close(), store?.close()]);
  }
}

const CONNECT_MS = 5_000;

async function allIds({ organizations }: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const { orgIds, next } = await organizations.idsToSync(after, RANGE);
    ids.push(...orgIds);
    if (next === null) return ids;
    after = next;
  }
}

async function ofOrganization(
  orgId: string,
  means: Parameters<typeof estimateOrganization>[1],
): Promise<OrgEstimate | { orgId: string; reason: string }> {
  try {
    const { basis, cost, rough } = await estimateOrganization(orgId, means);
    return {
      ...{ orgId, basis, aRun: cost, minutesAtLimit: minutesAtLimit(cost.lumaRequests) },
      ...(rough === undefined ? {} : { rough }),
    };
  } catch (error) {
    if (error instanceof LumaError || error instanceof KeyUnreadable || error instanceof NotEstimated) {
      return { orgId, reason: error.message };
    }
    throw error;
  }
}

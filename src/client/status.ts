import { StoreUnavailable } from '../mongo/errors.js';
import type { OrganizationsRead, WaitingOfOrg } from '../mongo/overview.js';
import type { OrganizationSummary } from '../mongo/organizations.js';
import type { Store } from '../mongo/store.js';
import { checkFields, checkLimit, checkYesOrNo, InvalidArgument } from './arguments.js';
import { NotConfigured, ScheduleMissing, TemporalUnavailable } from './errors.js';
import { type RunSummary, runSummary } from './runs.js';
import type { ScheduleInfo, SyncSchedule } from './schedule.js';
import { type Need, needsOf } from './status/needs.js';
import { type OrganizationsStatus, organizationsStatus } from './status/organizations.js';
import { remedyFor } from './status/remedies.js';
import { type RunningSyncs, runningSyncs } from './status/running.js';
import { type Poller, pollersOf, type TemporalAccess } from './temporal.js';
import type { SyncMemory } from './watch/sync-memory.js';
import { type WebhooksStanding, webhooksStanding } from './webhook-standing.js';
import { TookTooLong, within } from '../within.js';

export interface StatusOptions {
  /** How old a complete sync of an organization may be, ms. Default 26 hours. */
  maxAgeMs?: number;
  /** How many organizations to name of each kind, 1 to 1,000. Default 10. */
  limit?: number;
  /** How long to wait for each part, ms. Default 5,000. */
  limitMs?: number;
  /** Parts to read; the others are absent, and nothing is said of them. Default: all. */
  parts?: readonly StatusPart[];
  /** Whether to return all organizations too, as `orgs.list` does, from the same read. Default false. */
  listed?: boolean;
}

const PARTS = [
  ...(['workers', 'schedule', 'running', 'organizations'] as const),
  ...(['removals', 'quarantine', 'webhooks', 'lastFullSync'] as const),
];

/** A part of the status that is read by itself. */
export type StatusPart = (typeof PARTS)[number];

export interface Waiting {
  count: number;
  organizations: number;
  /** The first organizations, the longest wait first. */
  first: WaitingOfOrg[];
}

/** How everything stands. A part that could not be read is absent, and `unread` says why. */
export interface Status {
  /** By MongoDB's clock, where it can be read. */
  at: Date;
  maxAgeMs: number;
  /** `unknown`: a part could not be read. */
  verdict: 'fine' | 'needs-person' | 'unknown';
  /** What waits for a person, the most urgent first; of the parts that could be read. */
  needs: Need[];
  unread: { part: StatusPart; reason: string }[];
  workers?: { taskQueue: string; polling: Poller[] };
  /** `null`: there is none. */
  schedule?: ScheduleInfo | null;
  running?: RunningSyncs;
  /** The last one that has ended; `null`: none has in 90 days. */
  lastFullSync?: RunSummary | null;
  organizations?: OrganizationsStatus;
  /** All of them, where they were asked for. */
  listed?: OrganizationSummary[];
  /** Removals to decide on. */
  removals?: Waiting;
  quarantine?: Waiting;
  /** `null`: they are not used. All organizations that need somebody are named. */
  webhooks?: WebhooksStanding | null;
}

export interface StatusSources {
  temporal: TemporalAccess;
  schedule: Pick<SyncSchedule, 'show'>;
  store: () => Promise<Store>;
  taskQueue: string;
  fullSyncId: string;
  /** Of the syncs that were seen running by earlier calls. */
  memory: SyncMemory;
  publicUrl: string | undefined;
}

/** Without an answer for so long, an organization has missed its daily sync. */
const DEFAULT_MAX_AGE_MS = 26 * 3_600_000;
const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT_MS = 5_000;

/** Reads all parts at the same time. @throws InvalidArgument, RangeError; an outage is part of the answer */
export async function readStatus(sources: StatusSources, options: StatusOptions = {}): Promise<Status> {
  checkFields(options, 'the options', ['maxAgeMs', 'limit', 'limitMs', 'parts', 'listed']);
  const { maxAgeMs = DEFAULT_MAX_AGE_MS, limit = DEFAULT_LIMIT, limitMs = DEFAULT_LIMIT_MS } = options;
  checkDuration(maxAgeMs, 'maxAgeMs');
  checkDuration(limitMs, 'limitMs');
  checkLimit(limit, MAX_LIMIT);
  checkYesOrNo(options.listed, 'listed');
  const parts = wantedParts(options.parts);
  const { temporal, schedule, store, taskQueue, fullSyncId, memory, publicUrl } = sources;
  const unread: Status['unread'] = [];

  async function part<T>(name: StatusPart, read: () => Promise<T>): Promise<T | undefined> {
    if (!parts.has(name)) return undefined;
    try {
      return await within(limitMs, read());
    } catch (error) {
      unread.push({ part: name, reason: reasonOf(error) });
      return undefined;
    }
  }

  // Parts that need the same get the same read.
  let polling: Promise<Poller[]> | undefined;
  const ownPollers = () => (polling ??= pollersOf(temporal, taskQueue));
  let reading: Promise<OrganizationsRead> | undefined;
  const organizationsRead = async () => {
    const { overview } = await store();
    return await (reading ??= overview.organizations(options.listed === true));
  };

  const [workers, scheduled, syncing, lists, removals, quarantine, webhooks, lastFullSync] =
    await Promise.all([
      part('workers', async () => ({ taskQueue, polling: await ownPollers() })),
      part('schedule', () => shown(schedule)),
      part('running', () =>
        runningSyncs(temporal, { taskQueue, fullSyncId, limit, memory, pollers: ownPollers() }),
      ),
      part('organizations', async () => {
        const { summaries } = await organizationsRead();
        return { summaries, now: (await store()).now() };
      }),
      part('removals', async () => waiting(await (await store()).overview.removalsToDecide(), limit)),
      part('quarantine', async () => waiting(await (await store()).overview.quarantined(), limit)),
      part('webhooks', async () =>
        webhooksStanding((await organizationsRead()).webhooks, await store(), publicUrl),
      ),
      part('lastFullSync', async () => {
        const run = await (await store()).overview.lastFullSync();
        return run === null ? null : runSummary(run);
      }),
    ]);
  const at = lists?.now ?? new Date();
  const organizations =
    lists === undefined
      ? undefined
      : organizationsStatus(lists.summaries, {
          ...{ now: at, maxAgeMs, limit, remedy: remedyFor },
          running: syncing?.orgs ?? null,
        });
  if (organizations !== undefined) {
    await part('organizations', async () => {
      const { overview } = await store();
      await Promise.all(
        organizations.failing.map(async (one) => {
          one.since = (await overview.failingSince(one.orgId, one.lastSuccessAt)) ?? undefined;
        }),
      );
    });
  }
  unread.sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part));
  const status = {
    ...{ at, maxAgeMs, unread, workers, schedule: scheduled, running: syncing?.running, lastFullSync },
    ...{ organizations, removals, quarantine, webhooks },
  };
  const needs = needsOf(status);
  const verdict = unread.length > 0 ? 'unknown' : needs.length > 0 ? 'needs-person' : 'fine';
  const listed = options.listed === true ? lists?.summaries : undefined;
  return { verdict, needs, ...status, ...(listed === undefined ? {} : { listed }) };
}

async function shown(schedule: StatusSources['schedule']): Promise<ScheduleInfo | null> {
  try {
    return await schedule.show();
  } catch (error) {
    if (error instanceof ScheduleMissing) return null;
    throw error;
  }
}

function waiting(all: readonly WaitingOfOrg[], limit: number): Waiting {
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    organizations: all.length,
    first: all.slice(0, limit),
  };
}

/** What may be shown of it: of an error that nobody expected, its class. */
function reasonOf(error: unknown): string {
  if (error instanceof StoreUnavailable) {
    return `${error.message} – check MONGODB_URI, and that MongoDB runs and lets this program in`;
  }
  const known = [TemporalUnavailable, NotConfigured, TookTooLong].some((kind) => error instanceof kind);
  if (known && error instanceof Error) return error.message;
  return `an unexpected error (${error instanceof Error ? error.name : typeof error})`;
}

function wantedParts(parts: unknown = PARTS): Set<unknown> {
  const known: readonly unknown[] = PARTS;
  if (Array.isArray(parts) && parts.every((part) => known.includes(part))) return new Set<unknown>(parts);
  throw new InvalidArgument(`parts must be a list of ${PARTS.join(', ')}`);
}

function checkDuration(value: number, name: string): void {
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgument(`${name} must be a number of milliseconds above 0`);
  }
}

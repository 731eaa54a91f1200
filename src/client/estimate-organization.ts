import { isUndescribed } from '../events/fingerprint.js';
import { allowedVisibilities } from '../events/visibility.js';
import type { LumaApi } from '../luma/api.js';
import { mapEntry } from '../luma/mapping.js';
import { collectionsOf } from '../mongo/collections.js';
import { loadFigures, type PastRun } from '../mongo/load-figures.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import type { Store } from '../mongo/store.js';
import type { Keyring } from '../secrets/keyring.js';
import { isSealed, open } from '../secrets/sealed-key.js';
import {
  type CalendarSize,
  type Cost,
  costOfQuietSync,
  costOfSync,
  mean,
  pausesFor,
  type SyncLoad,
} from './estimate-arithmetic.js';

/**
 * `runs`: the mean of syncs as far apart as the schedule's. `stored`: what the last sync met and what is stored.
 * `listing`: what Luma lists, of an organization that was never synced; of one with a feed nothing has to be asked.
 */
export type EstimateBasis = 'runs' | 'stored' | 'listing';

export interface OrgCost {
  basis: EstimateBasis;
  cost: Cost;
  /** The calendar is larger than was looked at. */
  rough?: true;
}

export interface EstimateMeans {
  store: Store;
  luma: LumaApi;
  /** Absent: no organization can be listed. */
  keyring: Keyring | undefined;
  runsADay: number;
}

/** A feed is one request, and none of its events is asked for alone. */
const OF_FEED = { requests: 1, upcoming: 0 };

/** Syncs that are looked at. */
const RUNS = 8;
const MOST_UPCOMING = 1_000;

/** What a scheduled sync of one organization costs. @throws OrgNotFound, KeyUnreadable, LumaError, StoreUnavailable */
export async function estimateOrganization(orgId: string, means: EstimateMeans): Promise<OrgCost> {
  const { store, runsADay } = means;
  const figures = loadFigures(collectionsOf(store.db));
  const org = await store.organizations.get(orgId);
  const { _id } = org;
  const runs = await figures.recentRuns(_id, RUNS);
  const [last] = runs;
  if (last === undefined) return await fromListing(org, means);
  const alike = asOften(runs, runsADay);
  if (alike.length > 0) return { basis: 'runs', cost: mean(alike.map(loadOf).map(costOfSync)) };
  const load = loadOf(last);
  const size = {
    pages: load.pages,
    upcoming: await figures.upcomingAsked(_id, store.now(), MOST_UPCOMING),
    requestMs: load.activeMs / Math.max(1, load.requests),
    ...(org.icalUrl === undefined ? {} : OF_FEED),
  };
  return { basis: 'stored', cost: costOfQuietSync(size, runsADay) };
}

/**
 * Those that began about as long after the one before as the schedule's do: a sync soon after another one asks for less.
 * @param runs the latest first
 */
export function asOften(runs: readonly PastRun[], runsADay: number): PastRun[] {
  const leastMs = (0.85 * 86_400_000) / runsADay;
  return runs.filter(({ startedAt }, at) => {
    const before = runs[at + 1];
    return before !== undefined && startedAt.getTime() - before.startedAt.getTime() >= leastMs;
  });
}

function loadOf({ startedAt, finishedAt, pages = 1, requests = 2, waitedMs = 0, ...run }: PastRun): SyncLoad {
  const { inserted = 0, changed = 0, removed = 0, held = 0 } = run.events ?? {};
  const tookMs = finishedAt === undefined ? 0 : finishedAt.getTime() - startedAt.getTime();
  return {
    ...{ pages, requests, inserted, changed },
    missed: removed + held + (run.unresolved ?? 0),
    pauses: waitedMs > 0 ? Math.max(1, pausesFor(requests)) : 0,
    activeMs: Math.max(0, tookMs - waitedMs),
  };
}

async function fromListing(org: SyncableOrg, means: EstimateMeans): Promise<OrgCost> {
  const { luma, keyring, runsADay, store } = means;
  if (org.icalUrl !== undefined) {
    const size = { pages: 1, requestMs: USUAL_REQUEST_MS, ...OF_FEED };
    return { basis: 'listing', cost: costOfQuietSync(size, runsADay) };
  }
  const allowed = allowedVisibilities(org.visibilityWish);
  const { size, rough } = await listedSize(luma, lumaKeyOf(org, keyring), { now: store.now(), allowed });
  const cost = costOfQuietSync(size, runsADay);
  return { basis: 'listing', cost, ...(rough ? { rough } : {}) };
}

function lumaKeyOf({ _id, storedKey }: SyncableOrg, keyring: Keyring | undefined): string {
  if (storedKey === null) throw new NotEstimated('it has no Luma key');
  if (!isSealed(storedKey)) return storedKey;
  if (keyring !== undefined) return open(keyring, String(_id), storedKey);
  throw new NotEstimated('it was never synced, and to ask Luma needs the key ring');
}

/** Why nothing can be said of an organization. */
export class NotEstimated extends Error {
  override readonly name = 'NotEstimated';
}

/** What is taken for one where no sync has shown it: a single one says little. */
const USUAL_REQUEST_MS = 250;

/**
 * A calendar's size by one request. Where it has more than a page, a second one asks for what is upcoming, and the past is
 * taken to be as busy as its beginning.
 */
async function listedSize(
  luma: LumaApi,
  apiKey: string,
  readers: Readers,
): Promise<{ size: CalendarSize; rough: boolean }> {
  const requestMs = USUAL_REQUEST_MS;
  const { value: first } = await luma.listEvents(apiKey);
  if (!first.hasMore) {
    const upcoming = toAskFor(first.entries, readers);
    return { size: { pages: 1, upcoming, requestMs }, rough: false };
  }
  const { value: next } = await luma.listEvents(apiKey, { after: readers.now.toISOString() });
  const aPage = Math.max(1, first.entries.length);
  const events = pastOf(first.entries, readers.now) + next.entries.length;
  const pages = Math.max(2, Math.ceil(events / aPage));
  return { size: { pages, upcoming: toAskFor(next.entries, readers), requestMs }, rough: true };
}

/** The past is not taken to be longer than this, however busy its beginning was. */
const MOST_PAST_PAGES = 10;

/** Past events, where these are the earliest ones. */
function pastOf(entries: readonly unknown[], now: Date): number {
  const starts = startsOf(entries);
  const [from, to] = [Math.min(...starts), Math.max(...starts)];
  if (starts.length < 2 || to <= from || to >= now.getTime()) return entries.length;
  const pages = (now.getTime() - from) / (to - from);
  return entries.length * Math.min(pages, MOST_PAST_PAGES);
}

interface Readers {
  now: Date;
  /** Visibilities that the organization stores. */
  allowed: ReadonlySet<string>;
}

function toAskFor(entries: readonly unknown[], { now, allowed }: Readers): number {
  return entries.filter((entry) => {
    const mapped = mapEntry(entry);
    if (!('event' in mapped) || !isUndescribed(mapped.event)) return false;
    const { startAt, visibility } = mapped.event.fields;
    return startAt instanceof Date && startAt >= now && allowed.has(visibility ?? '');
  }).length;
}

function startsOf(entries: readonly unknown[]): number[] {
  return entries.flatMap((entry) => {
    const mapped = mapEntry(entry);
    return 'event' in mapped ? (mapped.event.fields.startAt?.getTime() ?? []) : [];
  });
}

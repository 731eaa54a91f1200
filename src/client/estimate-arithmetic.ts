/**
 * What syncs cost, as arithmetic: pure. The figures follow the order of a sync (workflows/sync-order.ts) and the price
 * list of Temporal Cloud; a test compares them with what real syncs do.
 */

import { DEFAULT_DETAILS, DEFAULT_SLICE } from '../activities/dependencies.js';

/** Of Luma, for one calendar (rate-limit page, July 2026). */
export const LUMA_REQUESTS_A_MINUTE = 200;
/** So many of them a sync uses; the rest is left to the calendar's other programs. */
const USED_A_MINUTE = 195;

/** Dollars for a million actions, before discounts; without plan, storage and support (price list of July 2026). */
export const TEMPORAL_CLOUD_PRICE = { dollarsPerMillion: 50, asOf: '2026-07' } as const;

/** Days of a month. */
export const MONTH_DAYS = 30;

/** What one sync of an organization does, or did. */
export interface SyncLoad {
  /** Pages of the listing. */
  pages: number;
  /** All that were made. One is for the calendar, one for each page; the others are for single events. */
  requests: number;
  /** Events written because of what the listing or the details say. */
  inserted: number;
  changed: number;
  /** Events that the listing did not show, whatever became of them. */
  missed: number;
  /** Pauses that Luma asked for. */
  pauses: number;
  /** Time without the pauses, ms. */
  activeMs: number;
}

export interface Cost {
  lumaRequests: number;
  /** As they are in the histories: workflows, activities, timers. */
  temporalActions: number;
  /** Of activities that take long: actions too, which no history shows. */
  temporalHeartbeats: number;
  /** Documents that are inserted, updated or deleted. */
  mongoWrites: number;
}

/** Limits of one activity: see activities/dependencies.ts and first-look.ts. */
const { pages: PAGES_A_SLICE, durationMs: SLICE_MS } = DEFAULT_SLICE;
const LOOK_MS = 4_000;
/** Answers about single events that are staged together. */
const ANSWERS_A_BATCH = DEFAULT_DETAILS.batch;
/** See activities/heartbeat.ts. */
const HEARTBEAT_MS = 2_000;
/** Events in one transaction, and pages of a hundred. */
const EVENTS_A_WRITE = 500;
const PAGES_A_WRITE = 5;

/** Pauses that so many requests lead to. */
export function pausesFor(requests: number): number {
  return Math.floor(Math.max(0, requests - 1) / USED_A_MINUTE);
}

/** Minutes that so many requests of one calendar take at Luma's limit. */
export function minutesAtLimit(requests: number): number {
  return requests / LUMA_REQUESTS_A_MINUTE;
}

/** Of one organization's sync, as a child of a full sync. */
export function costOfSync(load: SyncLoad): Cost {
  const { pages, requests, inserted, changed, missed } = load;
  // A feed is one request, whatever its pages.
  const asked = Math.max(0, requests - 1 - pages);
  const isQuiet = asked + inserted + changed + missed === 0 && load.pauses === 0;
  if (isQuiet && load.activeMs <= LOOK_MS) {
    // The child (two), and the first look, which is the whole sync.
    return { lumaRequests: requests, temporalActions: 3, temporalHeartbeats: 0, mongoWrites: QUIET_WRITES };
  }
  const newsPages = Math.min(pages, inserted + changed);
  const applies = Math.ceil(newsPages / PAGES_A_SLICE);
  const slow = Math.ceil(Math.max(0, load.activeMs - LOOK_MS) / SLICE_MS);
  const detailed = Math.max(0, asked - missed);
  // A window of Luma's limit ends a slice, too.
  const lastDetails = Math.max(1, detailed - load.pauses * USED_A_MINUTE);
  const details =
    detailed === 0 ? 0 : Math.max(load.pauses + Math.ceil(lastDetails / DEFAULT_DETAILS.sliceRequests), slow);
  const listings = Math.max(0, applies - 1, isQuiet ? slow : 0);
  const removals = missed > 0 ? 1 : 0;
  const closes = 1;
  const transactions =
    Math.ceil(newsPages / PAGES_A_WRITE) + Math.max(details, Math.ceil(detailed / EVENTS_A_WRITE)) + removals;
  return {
    lumaRequests: requests,
    // Whatever asks for details is followed by what writes them.
    temporalActions: 3 + listings + applies + 2 * details + removals + closes + load.pauses,
    temporalHeartbeats: Math.floor(load.activeMs / HEARTBEAT_MS),
    mongoWrites:
      HANDED_OVER_WRITES +
      stagedWrites({ pages, newsPages, detailed, missed }) +
      WRITES_A_TRANSACTION * transactions +
      // An event, and what is remembered of it; a removed one moves. New ones are written again with their details.
      (inserted + Math.min(inserted, detailed)) +
      2 * changed +
      detailed +
      2 * missed,
  };
}

/** Each page or batch is staged, and marked once it is applied; a page without news is marked from the start. */
function stagedWrites(of: { pages: number; newsPages: number; detailed: number; missed: number }): number {
  const [batches, questions] = [of.detailed, of.missed].map((events) => Math.ceil(events / ANSWERS_A_BATCH));
  return of.pages + of.newsPages + 2 * (batches ?? 0) + 2 * (questions ?? 0);
}

/** Fence, organization and report of a sync that is its first look. */
const QUIET_WRITES = 4;
/** The same of one that is announced, and notes that it compared everything. */
const HANDED_OVER_WRITES = 7;
/** Of its fence. */
const WRITES_A_TRANSACTION = 2;

/** Ids that a full sync reads at a time, and children that one of its runs starts before it continues as new. */
const ORGS_A_READ = 200;
const ORGS_A_RUN = 400;

/** Of a scheduled full sync beside its children: the schedule (two) and its workflow, reads, two timers, the report. */
export function costOfFullSync(orgs: number): Cost {
  const reads = Math.floor(orgs / ORGS_A_READ) + 1;
  // A new run is two actions, its timer one, and one more follows the children of the run before.
  const continued = 4 * Math.floor(Math.max(0, orgs - 1) / ORGS_A_RUN);
  return {
    ...{ lumaRequests: 0, temporalHeartbeats: 0, mongoWrites: 1 },
    temporalActions: 2 + 1 + reads + 2 + 1 + continued,
  };
}

/** Details of upcoming events are asked for again once they are older than this. */
const DETAILS_AGE_HOURS = 20;
/** Events that one sync asks for at most. */
const DETAILS_A_SYNC = 1_000;

export interface CalendarSize {
  pages: number;
  /** Requests for the calendar and all pages. Default: one, and one a page. */
  requests?: number;
  /** Upcoming events whose details the listing does not tell, so that each is asked for alone. */
  upcoming: number;
  /** How long one request takes, ms. */
  requestMs: number;
}

/** The mean cost of a sync in which nothing is new, where the schedule runs so often a day. */
export function costOfQuietSync(size: CalendarSize, runsADay: number): Cost {
  const { pages, upcoming, requestMs, requests: listing = 1 + pages } = size;
  const asked = Math.min(upcoming, DETAILS_A_SYNC);
  // Every so many runs the details are old enough.
  const every = Math.floor((DETAILS_AGE_HOURS * runsADay) / 24) + 1;
  const load = (single: number): SyncLoad => {
    const requests = listing + single;
    // Single events are asked for four at a time.
    const activeMs = requestMs * (listing + single / 4);
    const pauses = pausesFor(requests);
    return { ...{ pages, requests, activeMs, pauses }, inserted: 0, changed: 0, missed: 0 };
  };
  return mean([costOfSync(load(asked)), ...Array.from({ length: every - 1 }, () => costOfSync(load(0)))]);
}

export function mean(costs: readonly Cost[]): Cost {
  return scaled(total(costs), costs.length === 0 ? 0 : 1 / costs.length);
}

export function total(costs: readonly Cost[]): Cost {
  const sum = (pick: (cost: Cost) => number) => costs.reduce((so, cost) => so + pick(cost), 0);
  return {
    lumaRequests: sum(({ lumaRequests }) => lumaRequests),
    temporalActions: sum(({ temporalActions }) => temporalActions),
    temporalHeartbeats: sum(({ temporalHeartbeats }) => temporalHeartbeats),
    mongoWrites: sum(({ mongoWrites }) => mongoWrites),
  };
}

export function scaled(cost: Cost, by: number): Cost {
  return {
    lumaRequests: cost.lumaRequests * by,
    temporalActions: cost.temporalActions * by,
    temporalHeartbeats: cost.temporalHeartbeats * by,
    mongoWrites: cost.mongoWrites * by,
  };
}

/** Of Temporal Cloud, dollars for a month of such days. */
export function dollarsAMonth(
  { temporalActions, temporalHeartbeats }: Cost,
  dollarsPerMillion: number,
): number {
  return ((temporalActions + temporalHeartbeats) * MONTH_DAYS * dollarsPerMillion) / 1_000_000;
}

import type { RemovalGuard } from '../events/removal-guard.js';
import type { LumaApi } from '../luma/api.js';
import { LISTING } from '../luma/limits.js';
import type { Store } from '../mongo/store.js';
import type { SendNotice } from '../notices/send-notice.js';
import type { Keyring } from '../secrets/keyring.js';

/** How much one call of a fetching activity does before it hands back to the workflow. */
export interface SliceBudget {
  /** Pages with news a call: those without cost next to nothing. Default 10. */
  pages: number;
  /** Time a call, ms; a page under way is finished. Default 20,000. */
  durationMs: number;
  /** Pages a listing; more is no calendar. Default 2,000. */
  listingPages: number;
  /** Entries asked for a page; Luma lowers it to its own maximum. Default 100. */
  entriesPerPage: number;
}

export const DEFAULT_SLICE: SliceBudget = {
  pages: 10,
  durationMs: 20_000,
  listingPages: LISTING.pages,
  entriesPerPage: LISTING.entriesPerPage,
};

/**
 * Transactions of a worker at the same time. MongoDB writes what two of them bring as fast as it can; of many that share
 * it, each takes so long that it runs into its time limit and is begun again.
 */
export const APPLYING_AT_ONCE = 2;

/** How events are asked for one at a time. */
export interface DetailsBudget {
  /** Events asked for a sync, in each of its two phases; the rest comes with the next one. Default 1,000. */
  requests: number;
  /** Details of upcoming events older than this are asked for again, ms. Default 20 h. */
  maxAgeMs: number;
  /** Requests in flight. Default 4. */
  inFlight: number;
  /** Answers staged together. Default 20. */
  batch: number;
  /**
   * Details asked for by one call: they are written while the next call asks. Default 200, about as many as Luma lets
   * through in one of its windows.
   */
  sliceRequests: number;
}

export const DEFAULT_DETAILS: DetailsBudget = {
  requests: 1_000,
  maxAgeMs: 20 * 3_600_000,
  inFlight: 4,
  batch: 20,
  sliceRequests: 200,
};

/** All that activities reach outside of themselves. */
export interface ActivityDependencies {
  luma: LumaApi;
  store: Store;
  keyring: Keyring;
  slice?: Partial<SliceBudget>;
  details?: Partial<DetailsBudget>;
  guard?: Partial<RemovalGuard>;
  /** Tells people what needs them. Absent: nobody is told. */
  notify?: SendNotice;
  /** The clock; default the store's, which all workers share. A test's own where time matters. */
  now?: () => Date;
}

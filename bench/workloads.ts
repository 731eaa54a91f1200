/** What is measured: calendars of whole pages, at a fake Luma that takes its time for each request. */
export interface Workload {
  name: string;
  organizations: number;
  pages: number;
  latencyMs: number;
}

export const WORKLOADS: readonly Workload[] = [
  { name: '20 × 5 pages, 100 ms', organizations: 20, pages: 5, latencyMs: 100 },
  { name: '1 × 50 pages, 50 ms', organizations: 1, pages: 50, latencyMs: 50 },
  { name: '200 × 1 page, 50 ms', organizations: 200, pages: 1, latencyMs: 50 },
];

export const EVENTS_A_PAGE = 100;
/** One in so many events gets another title for the sync that is called "changed". */
export const CHANGED_ONE_IN = 1_000;
/** Organizations at the same time, for whoever can. */
export const AT_ONCE = 32;

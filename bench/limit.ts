import type { LocalServers } from '../packages/playground/src/servers/index.js';
import { type Luma, startLuma } from './luma.js';
import { startProduct } from './product.js';

export interface LimitFigures {
  events: number;
  /** Of Luma: requests a minute. */
  limit: number;
  ms: number;
  requests: number;
  /** Answers with 429. */
  refused: number;
  /** Requests of whole windows, of what Luma would have answered in that time. */
  share: number;
}

const LIMIT = 200;
const WINDOW_MS = 60_000;
/** Some more than three windows are needed for the details of the upcoming ones. */
const EVENTS = 1_000;
/** Between two requests: no answer takes as long. */
const GAP_MS = 5_000;

/** A first sync that asks for the details of every event, under Luma's own limit of 200 requests a minute. */
export async function importUnderLimit(servers: LocalServers): Promise<LimitFigures> {
  const luma = await startLuma({
    ...{ calendars: 1, eventsPerCalendar: EVENTS, latencyMs: 50 },
    ...{ limit: LIMIT, windowMs: WINDOW_MS, blockMs: WINDOW_MS },
  });
  const product = await startProduct(servers, luma);
  try {
    const { ms } = await product.sync();
    const { requests, byStatus } = await luma.stats();
    const share = shareOf(await luma.requests());
    return { events: EVENTS, limit: LIMIT, ms, requests, refused: byStatus['429'] ?? 0, share };
  } finally {
    await product.stop();
    await luma.stop();
  }
}

/** From the first request to the first after the last pause: the last window is never used up. */
function shareOf(requests: Awaited<ReturnType<Luma['requests']>>): number {
  const times = requests.map(({ at }) => Date.parse(at));
  const begins = times.flatMap((time, nth) => (time - (times[nth - 1] ?? -Infinity) > GAP_MS ? [nth] : []));
  const last = begins.at(-1) ?? 0;
  const ms = (times[last] ?? NaN) - (times[0] ?? NaN);
  return last / ((LIMIT * ms) / WINDOW_MS);
}

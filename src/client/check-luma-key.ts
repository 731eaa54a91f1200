import { sortMapped } from '../activities/sort-mapped.js';
import { createLumaApi, type LumaApi, type LumaApiOptions } from '../luma/api.js';
import { LumaError, LumaRateLimited, LumaUnavailable } from '../luma/errors.js';
import { mapEntry } from '../luma/mapping.js';
import { firstPage, walkPages } from '../luma/walk-pages.js';
import { LumaCheckFailed } from './errors.js';

/** The calendar that a Luma key opens, as Luma says now. */
export interface CheckedCalendar {
  calendarId: string;
  calendarName: string;
  calendarUrl: string;
  /** Events that have not begun and that the organization's readers may see. */
  upcoming: number;
  /** Other events that have not begun. */
  notPublic: number;
  /** There are more: the counting ended before the last page. */
  more: boolean;
}

/** A person waits for each answer. */
const REQUEST_TIMEOUT_MS = 5_000;
/** Pages that are counted; every one is a request of the calendar's budget. */
const MAX_PAGES = 10;

const REMEDIES: Record<string, string> = {
  LumaKeyRejected: "copy the key again from the calendar's settings at Luma",
  LumaForbidden: 'the API belongs to Luma Plus: see whether the calendar still has it',
};
const OTHER_REMEDY = 'try again, and check LUMA_BASE_URL and the proxy settings';

/**
 * Asks Luma which calendar a key opens, and counts its upcoming events.
 * @param allowed visibilities that the organization stores
 * @throws LumaCheckFailed
 */
export async function checkLumaKey(
  luma: Pick<LumaApiOptions, 'baseUrl' | 'allowHttp' | 'proxies'>,
  apiKey: string,
  allowed: ReadonlySet<string>,
): Promise<CheckedCalendar> {
  const client = createLumaApi({ ...luma, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  try {
    const { value: calendar } = await client.getCalendar(apiKey);
    const counted = await countUpcoming(client, apiKey, allowed);
    return { calendarId: calendar.id, calendarName: calendar.name, calendarUrl: calendar.url, ...counted };
  } catch (error) {
    if (!(error instanceof LumaError)) throw error;
    throw new LumaCheckFailed(error.name, error.message, remedyOf(error));
  }
}

async function countUpcoming(
  client: LumaApi,
  apiKey: string,
  allowed: ReadonlySet<string>,
): Promise<Pick<CheckedCalendar, 'upcoming' | 'notPublic' | 'more'>> {
  const counted = { upcoming: 0, notPublic: 0, more: false };
  const after = new Date().toISOString();
  const ask = (_: number, cursor: string | null) => client.listEvents(apiKey, { after, cursor });
  try {
    for await (const { seq, page, pauseMs } of walkPages(firstPage(), { ask })) {
      const { events, hidden } = sortMapped(page.entries.map(mapEntry), allowed);
      counted.upcoming += events.length;
      counted.notPublic += hidden.length;
      counted.more = page.hasMore;
      if (seq >= MAX_PAGES || pauseMs > 0) break;
    }
    return counted;
  } catch (error) {
    // The key is good, and a count that ends early is said to.
    if (error instanceof LumaRateLimited || error instanceof LumaUnavailable)
      return { ...counted, more: true };
    throw error;
  }
}

function remedyOf(error: LumaError): string {
  if (error instanceof LumaRateLimited) return `try again in ${Math.ceil(error.pauseMs / 1000)} s`;
  return REMEDIES[error.name] ?? OTHER_REMEDY;
}

import { createLumaApi, type LumaApiOptions } from '../luma/api.js';
import { LumaError, LumaForbidden, LumaRateLimited } from '../luma/errors.js';
import { FEED_ADDRESS_FORM } from '../luma/ical/feed-address.js';
import { mapFeedEntry } from '../luma/ical/map-event.js';
import type { CheckedCalendar } from './check-luma-key.js';
import { LumaCheckFailed } from './errors.js';

/** Reads a calendar's public feed, and counts its upcoming events. @throws LumaCheckFailed */
export async function checkFeed(
  luma: Pick<LumaApiOptions, 'baseUrl' | 'allowHttp' | 'proxies'>,
  icalUrl: string,
): Promise<CheckedCalendar> {
  const client = createLumaApi(luma);
  const address = client.feedAddress(icalUrl);
  if (address === undefined) {
    throw new LumaCheckFailed('OrgHasNoKey', 'lumaIcalUrl is no address of a feed at Luma', ADDRESS_REMEDY);
  }
  try {
    const { value: feed } = await client.getFeed(address);
    const now = new Date();
    const upcoming = feed.entries.filter((entry) => {
      const mapped = mapFeedEntry(entry, { timezone: 'UTC' });
      const startAt = 'event' in mapped ? mapped.event.fields.startAt : undefined;
      return startAt instanceof Date && startAt >= now;
    });
    const { calendarId } = address;
    return {
      ...{ calendarId, calendarName: feed.name ?? calendarId },
      ...{ calendarUrl: `https://luma.com/calendar/${calendarId}` },
      ...{ upcoming: upcoming.length, notPublic: 0, more: false },
    };
  } catch (error) {
    if (!(error instanceof LumaError)) throw error;
    throw new LumaCheckFailed(error.name, error.message, remedyOf(error));
  }
}

const ADDRESS_REMEDY = `copy it from “Add iCal Subscription” on the calendar's page: ${FEED_ADDRESS_FORM}`;

function remedyOf(error: LumaError): string {
  if (error instanceof LumaRateLimited) return `try again in ${Math.ceil(error.pauseMs / 1000)} s`;
  if (error instanceof LumaForbidden) return `see whether the calendar is public, and ${ADDRESS_REMEDY}`;
  return 'try again, and check the proxy settings';
}

import { apiSource, type CalendarSource } from '../luma/calendar-source.js';
import { FEED_ADDRESS_FORM } from '../luma/ical/feed-address.js';
import { feedSource } from '../luma/ical/feed-source.js';
import { ianaTimezone } from '../luma/timezone.js';
import type { SyncableOrg } from '../mongo/organizations.js';
import type { ActivityDependencies } from './dependencies.js';
import { OrgHasNoKey } from './failures.js';
import { openLumaKey } from './luma-key.js';

/**
 * Where the organization's events come from: the API with its key, where it has one, else its calendar's feed.
 * @throws OrgHasNoKey, KeyUnreadable
 */
export function openSource(
  deps: Pick<ActivityDependencies, 'luma' | 'keyring'>,
  org: SyncableOrg,
): CalendarSource {
  const { icalUrl, calendarName, timezone } = org;
  if (icalUrl === undefined) return apiSource(deps.luma, openLumaKey(deps, org));
  const address = deps.luma.feedAddress(icalUrl);
  if (address === undefined) {
    throw new OrgHasNoKey(
      `organization ${String(org._id)} has no Luma key, and its lumaIcalUrl is no address like ${FEED_ADDRESS_FORM}`,
    );
  }
  const known = timezone === undefined ? undefined : ianaTimezone(timezone);
  return feedSource(deps.luma, { address, calendarName, timezone: known ?? 'UTC' });
}

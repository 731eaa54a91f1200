import type { LumaApiOptions } from '../luma/api.js';
import { checkedBaseUrl } from '../luma/base-url.js';
import { FEED_ADDRESS_FORM, readFeedAddress } from '../luma/ical/feed-address.js';
import { ianaTimezone } from '../luma/timezone.js';
import type { OrganizationSummary } from '../mongo/organizations.js';
import { InvalidArgument } from './arguments.js';
import type { Feed } from './organization-sources.js';

type Luma = Pick<LumaApiOptions, 'baseUrl' | 'allowHttp'>;

/** What is stored of a feed. @throws InvalidArgument */
export function checkedFeed(feed: Feed, luma: Luma): Feed {
  const { timezone } = feed;
  const icalUrl = checkedFeedAddress(feed.icalUrl, luma);
  const known = typeof timezone === 'string' ? ianaTimezone(timezone) : undefined;
  if (timezone !== undefined && known === undefined) {
    throw new InvalidArgument('timezone must be an IANA name, like Europe/Berlin');
  }
  return { icalUrl, ...(known === undefined ? {} : { timezone: known }) };
}

/** In its one form. @throws InvalidArgument */
export function checkedFeedAddress(icalUrl: unknown, luma: Luma): string {
  const address = typeof icalUrl === 'string' ? addressIn(icalUrl, luma) : undefined;
  if (address !== undefined) return address.url;
  throw new InvalidArgument(
    `icalUrl must be the address of a calendar's feed at Luma, like ${FEED_ADDRESS_FORM}`,
  );
}

/** Whether it is the address of a feed that may be asked for. */
export function isFeedAddress(icalUrl: string, luma: Luma): boolean {
  return addressIn(icalUrl, luma) !== undefined;
}

/**
 * Adds what is wrong with the fields about an organization's feed. Of the address as it is stored, no more is shown than
 * is asked for: an application may have written a password into it.
 */
export function withFeedProblems(organization: OrganizationSummary, luma: Luma): OrganizationSummary {
  const { icalUrl: stored, ...rest } = organization;
  const { timezone, problems = [] } = rest;
  const icalUrl = stored === undefined ? undefined : addressIn(stored, luma)?.url;
  const found = [
    ...(stored !== undefined && stored !== '' && icalUrl === undefined
      ? [`lumaIcalUrl is no address like ${FEED_ADDRESS_FORM}`]
      : []),
    ...(timezone !== undefined && ianaTimezone(timezone) === undefined
      ? ['lumaTimezone is no time zone that is known: UTC is used']
      : []),
  ];
  return {
    ...rest,
    ...(icalUrl === undefined ? {} : { icalUrl }),
    ...(found.length === 0 ? {} : { problems: [...problems, ...found] }),
  };
}

function addressIn(icalUrl: string, { baseUrl, allowHttp }: Luma) {
  return readFeedAddress(icalUrl, checkedBaseUrl(baseUrl, { allowHttp: allowHttp === true }));
}

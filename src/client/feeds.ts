import type { LumaApiOptions } from '../luma/api.js';
import { checkedBaseUrl } from '../luma/base-url.js';
import { FEED_ADDRESS_FORM, readFeedAddress } from '../luma/ical/feed-address.js';
import { ianaTimezone } from '../luma/timezone.js';
import type { OrganizationSummary } from '../mongo/organizations.js';
import { InvalidArgument } from './arguments.js';
import type { NewOrganizationWithFeed } from './organizations.js';

type Luma = Pick<LumaApiOptions, 'baseUrl' | 'allowHttp'>;

/** What is stored of a new organization's feed. @throws InvalidArgument */
export function checkedFeed(
  organization: NewOrganizationWithFeed,
  luma: Luma,
): Pick<NewOrganizationWithFeed, 'icalUrl' | 'timezone'> {
  if ('apiKey' in organization) {
    throw new InvalidArgument('apiKey and icalUrl exclude each other: with a key the feed is not read');
  }
  const { icalUrl, timezone } = organization;
  const address = typeof icalUrl === 'string' ? addressIn(icalUrl, luma) : undefined;
  if (address === undefined) {
    throw new InvalidArgument(
      `icalUrl must be the address of a calendar's feed at Luma, like ${FEED_ADDRESS_FORM}`,
    );
  }
  const known = typeof timezone === 'string' ? ianaTimezone(timezone) : undefined;
  if (timezone !== undefined && known === undefined) {
    throw new InvalidArgument('timezone must be an IANA name, like Europe/Berlin');
  }
  return { icalUrl: address.url, ...(known === undefined ? {} : { timezone: known }) };
}

/** Adds what is wrong with the fields about an organization's feed. */
export function withFeedProblems(organization: OrganizationSummary, luma: Luma): OrganizationSummary {
  const { source, icalUrl, timezone, problems = [] } = organization;
  const found = [
    ...(source === 'ical' && icalUrl !== undefined && addressIn(icalUrl, luma) === undefined
      ? [`lumaIcalUrl is no address like ${FEED_ADDRESS_FORM}`]
      : []),
    ...(timezone !== undefined && ianaTimezone(timezone) === undefined
      ? ['lumaTimezone is no time zone that is known: UTC is used']
      : []),
  ];
  return found.length === 0 ? organization : { ...organization, problems: [...problems, ...found] };
}

function addressIn(icalUrl: string, { baseUrl, allowHttp }: Luma) {
  return readFeedAddress(icalUrl, checkedBaseUrl(baseUrl, { allowHttp: allowHttp === true }));
}

import { parseWebUrl } from '../../parse-url.js';
import { isLumaHost, webAddress } from '../url.js';
import type { FeedPlace } from './place.js';

/**
 * The address of an event's page. Of Luma's own events it is the link in the description's first line, else the address
 * by the id, which always works. Events of other sites have their page's address as a location; else Luma's link leads
 * there. No other link is one: it could be the one to join by.
 *
 * @returns `undefined` where there is none
 */
export function pageAddress(
  { id, isExternal }: { id: string; isExternal: boolean },
  place: FeedPlace,
  descriptionLine: string | undefined,
): string | undefined {
  const lumas = lumaLinkIn(descriptionLine ?? '');
  if (!isExternal) return lumas ?? `https://luma.com/event/${id}`;
  const own =
    place !== null && 'link' in place && !isMeeting(place.link) ? webAddress(place.link) : undefined;
  return own ?? lumas;
}

function lumaLinkIn(line: string): string | undefined {
  const [link] = /https?:\/\/\S{1,4000}/i.exec(line.slice(0, 10_000)) ?? [];
  const url = link === undefined ? undefined : parseWebUrl(link);
  return url !== undefined && isLumaHost(url) ? webAddress(url.href) : undefined;
}

/** Hosts where people meet, and that have no pages about events. */
const MEETING_HOSTS =
  /(?:^|\.)(?:zoom\.us|zoom\.com|zoomgov\.com|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|webex\.com|gotomeeting\.com|gotomeet\.me|whereby\.com|meet\.jit\.si|8x8\.vc|discord\.gg|t\.me|wa\.me)$/i;

function isMeeting(link: string): boolean {
  const url = parseWebUrl(link);
  return url === undefined || MEETING_HOSTS.test(url.hostname);
}

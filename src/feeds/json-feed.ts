import type { LumaEvent } from '../read/event.js';
import type { FeedContents } from './feed-contents.js';
import { shortened } from '../printable.js';
import { plainLine, plainText } from './plain-text.js';
import type { Rendering } from './rendering.js';

/** JSON Feed 1.1. What an event has beside an article is in `_event`; removed ones are just not there any more. */
export function renderJsonFeed({ events }: FeedContents, rendering: Rendering): string {
  const { title, pageUrl, feedUrl, descriptionLength } = rendering;
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: plainLine(title),
    home_page_url: pageUrl,
    feed_url: feedUrl,
    items: events.map((event) => itemOf(event, descriptionLength)),
  });
}

function itemOf(event: LumaEvent, descriptionLength: number): object {
  const { lumaEventId, url, title, description = '', coverUrl, createdAt, changedAt, tags, hostName } = event;
  return {
    id: lumaEventId,
    url,
    title: plainLine(title),
    // Markdown, or plain: readers show it as it is, and never as HTML.
    content_text: shortened(plainText(description).trim(), descriptionLength),
    image: coverUrl,
    date_published: createdAt,
    date_modified: changedAt,
    authors: hostName === undefined ? undefined : [{ name: plainLine(hostName) }],
    tags: tags.map(plainLine).filter((tag) => tag !== ''),
    _event: {
      start: event.startAt,
      end: event.endAt,
      timezone: event.timezone,
      location: event.location,
      location_kind: event.locationKind,
      city: event.city,
      country: event.country,
      coordinates: event.coordinates,
    },
  };
}

import { type Html, markup } from '../markup.js';

/** Events that a feed has, and this page shows some of. */
export interface FeedLinks {
  /** Of the document's head: programs that follow feeds find them by it. */
  head: Html;
  /** Of the page, for people. */
  note: Html;
}

/**
 * Links to the feeds of these events. Feeds know organizations and nothing else that an agenda can be narrowed to.
 * @param org absent: of all organizations
 */
export function feedLinks(root: string, org?: { id: string; name: string }): FeedLinks {
  const folder = `${root}/feeds${org === undefined ? '' : `/${encodeURIComponent(org.id)}`}`;
  const ical = `${folder}/events.ics`;
  const json = `${folder}/events.json`;
  const what = org === undefined ? 'All events' : `Events of ${org.name}`;
  return {
    head: markup`<link rel="alternate" type="text/calendar" title="${what} (iCalendar)" href="${ical}">
<link rel="alternate" type="application/feed+json" title="${what} (JSON Feed)" href="${json}">`,
    note: markup`<footer class="note small"><p><bdi>${what}</bdi> as a feed: <a href="${ical}" type="text/calendar">iCalendar</a> for calendar programs, <a href="${json}" type="application/feed+json">JSON Feed</a> for feed readers.</p></footer>`,
  };
}

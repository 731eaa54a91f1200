/**
 * Feeds of events, for calendars and readers: iCalendar and JSON Feed, as handlers from `Request` to `Response`.
 *
 *     export const GET = icalFeed(db, { orgId: 'harbour', title: 'Harbour Makers Guild' });
 */
export { InvalidArgument } from '../arguments.js';
export type { FeedHandler } from './answers.js';
export { feeds, type FeedsOptions, icalFeed, jsonFeed } from './feeds.js';
export type { DbSource, FeedOptions } from './options.js';

import { checkFields, checkText } from '../arguments.js';
import { type FeedHandler, refusal } from './answers.js';
import { feedHandler, type FeedFormat } from './feed-handler.js';
import { renderIcal } from './ical.js';
import { renderJsonFeed } from './json-feed.js';
import {
  checkOptionalAddress,
  completeOptions,
  type DbSource,
  FEED_FIELDS,
  type FeedOptions,
} from './options.js';

const ICAL: FeedFormat = {
  contentType: 'text/calendar; charset=utf-8',
  render: renderIcal,
  showsRemoved: true,
};
const JSON_FEED: FeedFormat = {
  contentType: 'application/feed+json; charset=utf-8',
  render: renderJsonFeed,
  showsRemoved: false,
};

/**
 * A handler of one iCalendar feed, of one organization or of all.
 * @throws InvalidArgument
 */
export function icalFeed(db: DbSource, options: FeedOptions = {}): FeedHandler {
  return feedHandler(db, ICAL, options);
}

/**
 * A handler of one JSON Feed, of one organization or of all.
 * @throws InvalidArgument
 */
export function jsonFeed(db: DbSource, options: FeedOptions = {}): FeedHandler {
  return feedHandler(db, JSON_FEED, options);
}

export interface FeedsOptions extends Omit<FeedOptions, 'orgId' | 'title' | 'feedUrl'> {
  /** Where the feeds are, without the host. Default `/feeds`. */
  path?: string;
  /** Where `path` is, as the world reaches it, `https://events.example.org`: for the address that a JSON Feed names as its own. */
  baseUrl?: string;
  /** Of each feed; `null`: of all organizations. Default `Events`. */
  titleOf?: (orgId: string | null) => string;
}

/**
 * One handler of all feeds: `/feeds/events.ics` and `/feeds/events.json` of all organizations,
 * `/feeds/<organization>/events.ics` and `/feeds/<organization>/events.json` of one.
 * @throws InvalidArgument
 */
export function feeds(db: DbSource, options: FeedsOptions = {}): FeedHandler {
  const known = FEED_FIELDS.filter((name) => !['orgId', 'title', 'feedUrl'].includes(name));
  checkFields(options, 'the options', [...known, 'path', 'baseUrl', 'titleOf']);
  const { path = '/feeds', baseUrl, titleOf = () => 'Events', ...shared } = options;
  checkText(path, 'path');
  checkOptionalAddress(baseUrl, 'baseUrl');
  completeOptions(shared);
  const root = path.replace(/\/+$/, '');

  return async function allFeeds(request) {
    const { pathname } = new URL(request.url);
    const feed = pathname.startsWith(`${root}/`) ? feedAt(pathname.slice(root.length + 1)) : null;
    if (feed === null) return refusal(404, 'There is no such feed.');
    const { orgId, format } = feed;
    return await feedHandler(db, format, {
      ...shared,
      ...(orgId === null ? {} : { orgId }),
      ...(baseUrl === undefined ? {} : { feedUrl: below(baseUrl, pathname) }),
      title: titleOf(orgId),
    })(request);
  };
}

/** The address of a path under an address that may have a path itself. */
function below(address: string, pathname: string): string {
  const { origin, pathname: before } = new URL(address);
  return origin + before.replace(/\/+$/, '') + pathname;
}

/** `events.ics`, `harbour/events.json`; `null`: none of the feeds. */
function feedAt(name: string): { orgId: string | null; format: FeedFormat } | null {
  const [, encoded, extension] = /^(?:([^/]{1,1000})\/)?events\.(ics|json)$/.exec(name) ?? [];
  if (extension === undefined) return null;
  const format = extension === 'ics' ? ICAL : JSON_FEED;
  if (encoded === undefined) return { orgId: null, format };
  try {
    return { orgId: decodeURIComponent(encoded), format };
  } catch {
    return null;
  }
}

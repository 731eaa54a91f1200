import { checkFields, checkText, checkWebAddress, InvalidArgument } from '../arguments.js';
import type { EventsDb } from '../read/db.js';
import type { OrgObjectId } from '../read/query.js';

/** The database, or a way to it: it is asked for with each request. */
export type DbSource = EventsDb | (() => EventsDb | Promise<EventsDb>);

export interface FeedOptions {
  /** Of one organization only; the text of an ObjectId is as good as the ObjectId. */
  orgId?: string | OrgObjectId;
  /** Default `Events`. */
  title?: string;
  /** The page that shows these events to people. */
  pageUrl?: string;
  /** Where the feed itself is, as the world reaches it. */
  feedUrl?: string;
  /** Events in the feed at most, 1 to 2,000; what begins soonest comes first. Default 1,000. */
  limit?: number;
  /** For how many days events stay in the feed after they began, 0 to 366. Default 30. */
  pastDays?: number;
  /** For how long a cache may answer without asking, seconds. Default 300. */
  maxAgeSeconds?: number;
  /** Told why a feed could not be read; whoever asked for it is told nothing of that. */
  onError?: (error: unknown) => void;
  /** Default: the machine's clock. */
  now?: () => Date;
}

export type CompleteOptions = Required<Omit<FeedOptions, 'orgId' | 'pageUrl' | 'feedUrl'>> &
  Pick<FeedOptions, 'orgId' | 'pageUrl' | 'feedUrl'>;

export const FEED_FIELDS = [
  ...['orgId', 'title', 'pageUrl', 'feedUrl', 'limit', 'pastDays', 'maxAgeSeconds', 'onError', 'now'],
] as const;

/** @throws InvalidArgument: as the handler is made, so that a mistake shows before the first request */
export function completeOptions(options: FeedOptions): CompleteOptions {
  checkFields(options, 'the options', FEED_FIELDS);
  const {
    title = 'Events',
    limit = 1_000,
    pastDays = 30,
    maxAgeSeconds = 300,
    onError = () => undefined,
    now = () => new Date(),
    ...rest
  } = options;
  checkText(title, 'title');
  checkNumber(limit, 'limit', { from: 1, to: 2_000 });
  checkNumber(pastDays, 'pastDays', { from: 0, to: 366 });
  checkNumber(maxAgeSeconds, 'maxAgeSeconds', { from: 0, to: 86_400 });
  checkOptionalAddress(rest.pageUrl, 'pageUrl');
  checkOptionalAddress(rest.feedUrl, 'feedUrl');
  return { title, limit, pastDays, maxAgeSeconds, onError, now, ...rest };
}

/** @throws InvalidArgument */
export function checkOptionalAddress(value: string | undefined, name: string): void {
  if (value !== undefined) checkWebAddress(value, name);
}

function checkNumber(value: unknown, name: string, { from, to }: { from: number; to: number }): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return;
  throw new InvalidArgument(`${name} must be a whole number from ${from} to ${to}`);
}

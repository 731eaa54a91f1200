import {
  checkFields,
  checkInstant,
  checkLimit,
  checkText,
  checkYesOrNo,
  InvalidArgument,
} from '../arguments.js';
import type { OrgId } from '../mongo/documents.js';
import { isObjectId } from '../mongo/object-id.js';
import { orgIdsOf } from '../mongo/read-organization.js';
import { type EventPosition, parseCursor } from './cursor.js';

/** An ObjectId of whichever copy of the driver. */
export interface OrgObjectId {
  readonly _bsontype: 'ObjectId';
  toHexString(): string;
}

/** Which events. All that is asked for must hold; an empty list finds nothing. */
export interface EventsQuery {
  /** Of these organizations; the text of an ObjectId is as good as the ObjectId. Default: of all. */
  orgs?: readonly (string | OrgObjectId)[];
  /** Beginning at or after this instant. */
  from?: Date;
  /** Beginning before this instant. */
  to?: Date;
  /** Those too that began before `from` and end after it. */
  includeRunning?: boolean;
  /** With at least one of these tags, as the calendar writes them. */
  tags?: readonly string[];
  /** In this city, as Luma writes it. */
  city?: string;
  /** Each word of it in the title, the description, the place, the organizer or a tag; in any case. */
  text?: string;
  /** Those too that an organization stores beside its public ones. Default false. */
  includeNonPublic?: boolean;
  /** Events a page, 1 to 10,000. Default 50. */
  limit?: number;
  /** `cursor` of the page before, of the same query. Absent or `null`: from the beginning. */
  cursor?: string | null;
}

export interface CheckedQuery {
  orgIds: OrgId[] | undefined;
  from: Date | undefined;
  to: Date | undefined;
  includeRunning: boolean;
  tags: readonly string[] | undefined;
  city: string | undefined;
  /** Empty: whatever the text. */
  words: string[];
  includeNonPublic: boolean;
  limit: number;
  position: EventPosition | undefined;
}

export const QUERY_FIELDS = [
  ...['orgs', 'from', 'to', 'includeRunning', 'tags', 'city', 'text'],
  ...['includeNonPublic', 'limit', 'cursor'],
] as const;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;
const MAX_LIST = 1_000;
const MAX_TEXT = 200;

/** @throws InvalidArgument, CursorInvalid, RangeError (the limit) */
export function checkQuery(query: EventsQuery): CheckedQuery {
  checkFields(query, 'the query', QUERY_FIELDS);
  const { orgs, from, to, includeRunning, tags, city, text, includeNonPublic, cursor } = query;
  const { limit = DEFAULT_LIMIT } = query;
  checkInstant(from, 'from');
  checkInstant(to, 'to');
  checkYesOrNo(includeRunning, 'includeRunning');
  if (includeRunning === true && from === undefined) throw new InvalidArgument('includeRunning needs from');
  if (tags !== undefined) for (const tag of listOf(tags, 'tags')) checkText(tag, 'each of tags');
  if (city !== undefined) checkText(city, 'city');
  checkYesOrNo(includeNonPublic, 'includeNonPublic');
  checkLimit(limit, MAX_LIMIT);
  return {
    orgIds: orgs === undefined ? undefined : listOf(orgs, 'orgs').flatMap(idsMeant),
    ...{ from, to, tags, city, limit },
    includeRunning: includeRunning === true,
    includeNonPublic: includeNonPublic === true,
    words: wordsOf(text),
    position: cursor === undefined || cursor === null ? undefined : parseCursor(cursor),
  };
}

/** As it may be stored. */
export function idsMeant(org: unknown): OrgId[] {
  if (typeof org === 'string' && org !== '') return orgIdsOf(org);
  if (isObjectId(org)) return [org];
  throw new InvalidArgument('an organization must be given by its id, a string or an ObjectId');
}

function wordsOf(text: unknown): string[] {
  if (text === undefined) return [];
  if (typeof text !== 'string' || text.length > MAX_TEXT) {
    throw new InvalidArgument(`text must be a string of at most ${MAX_TEXT} characters`);
  }
  return text.split(/\s+/u).filter((word) => word !== '');
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MAX_LIST) return value as unknown[];
  throw new InvalidArgument(`${name} must be a list of at most ${MAX_LIST}`);
}

import { Binary, BSON, ObjectId } from 'mongodb';
import type { EventSource } from '../events/event.js';
import type { OrgId } from './documents.js';

/** An organization's document as it may really be: the application decides what is in it. */
export interface StoredOrganization {
  _id: unknown;
  name?: unknown;
  lumaApiKey?: unknown;
  lumaCalendarUrl?: unknown;
  lumaIcalUrl?: unknown;
  lumaTimezone?: unknown;
  lumaVisibility?: unknown;
  eventsLastSynced?: unknown;
  lumaSync?: unknown;
}

/** What is told of fields that are not read: BSON's names of types, as `$type` says them. */
export interface TypesOnly {
  keyType?: unknown;
  keyIsEmpty?: unknown;
  feedType?: unknown;
  syncType?: unknown;
}

export interface OrganizationSummary {
  id: string;
  name: string;
  hasKey: boolean;
  /** It has no key, and its events come from the calendar's public feed. */
  source?: 'ical';
  calendarUrl?: string;
  /** Address of the calendar's public feed. */
  icalUrl?: string;
  /** `lumaTimezone` */
  timezone?: string;
  calendarName?: string;
  state?: string;
  reason?: string;
  lastAttemptAt?: Date;
  lastSuccessAt?: Date;
  eventsLastSynced?: Date;
  consecutiveFailures?: number;
  /** Removals that wait for a person. */
  removalsHeld?: number;
  /** What a person should look at in Luma's answers. */
  drift?: string[];
  /** Why it cannot be synced, whatever a sync would find. */
  unusable?: string;
  /** Fields that are not what they should be, and so were not read. */
  problems?: string[];
}

/** A workflow id may have 1,000 bytes, and a character up to three. */
const MAX_ID_LENGTH = 300;

/** What is wrong with an organization's `_id`; `undefined`: a sync can be of it. */
export function idProblem(_id: unknown): string | undefined {
  if (_id instanceof ObjectId) return undefined;
  if (typeof _id !== 'string') return `its _id is ${typeName(_id)}: a sync needs a string or an ObjectId`;
  if (_id === '') return 'its _id is empty';
  return _id.length > MAX_ID_LENGTH ? `its _id is longer than ${MAX_ID_LENGTH} characters` : undefined;
}

/** What is wrong with a stored key; `undefined`: nothing, or there is none. */
export function keyProblem(key: unknown): string | undefined {
  if (key === undefined || key === null) return undefined;
  if (typeof key !== 'string') return `lumaApiKey is ${typeName(key)}, not text`;
  return key === '' ? 'lumaApiKey is empty' : undefined;
}

function hasNoKey({ lumaApiKey: key }: Pick<StoredOrganization, 'lumaApiKey'>): boolean {
  return key === undefined || key === null || key === '';
}

/** The address of the feed that takes the key's place, for spreading. */
export function feedUrlOf(doc: StoredOrganization): { icalUrl?: string } {
  const { lumaIcalUrl: url } = doc;
  return hasNoKey(doc) && typeof url === 'string' && url !== '' ? { icalUrl: url } : {};
}

/** What is wrong with the stored address of a feed, where there is no key; `undefined`: nothing, or there is none. */
export function feedProblem(doc: StoredOrganization): string | undefined {
  const { lumaIcalUrl: url } = doc;
  if (!hasNoKey(doc) || url === undefined || url === null || typeof url === 'string') return undefined;
  return `lumaIcalUrl is ${typeName(url)}, not text`;
}

/** The same by BSON types alone. */
export function feedTypeProblem(types: TypesOnly): string | undefined {
  const { feedType } = types;
  if (!isKeyless(types) || ABSENT.has(feedType) || feedType === 'string') return undefined;
  return `lumaIcalUrl is ${TYPES[String(feedType)] ?? String(feedType)}, not text`;
}

function isKeyless({ keyType, keyIsEmpty }: TypesOnly): boolean {
  return ABSENT.has(keyType) || keyIsEmpty === true;
}

/** Of a key the same by its BSON type alone. */
export function keyTypeProblem(keyType: unknown): string | undefined {
  if (ABSENT.has(keyType) || keyType === 'string') return undefined;
  return `lumaApiKey is ${TYPES[String(keyType)] ?? String(keyType)}, not text`;
}

/** An `_id` of any type, short enough to print. */
export function printableId(_id: unknown): string {
  if (_id instanceof ObjectId) return _id.toHexString();
  if (_id instanceof Binary && _id.sub_type === Binary.SUBTYPE_UUID)
    return `UUID(${_id.toUUID().toHexString()})`;
  const text = typeof _id === 'string' ? _id : BSON.EJSON.stringify(_id);
  return text.length > MAX_ID_LENGTH ? `${text.slice(0, 60)}…` : text;
}

/** As an organization's id may be stored: the application chooses the type. */
export function orgIdsOf(orgId: string): OrgId[] {
  return /^[0-9a-f]{24}$/i.test(orgId) ? [orgId, new ObjectId(orgId)] : [orgId];
}

export function isOrgId(_id: unknown): _id is OrgId {
  return idProblem(_id) === undefined;
}

/** The calendar that earlier syncs were of. */
export function calendarIdOf(doc: StoredOrganization): string | null {
  const { calendarId } = fieldsOf(doc.lumaSync);
  return typeof calendarId === 'string' && calendarId !== '' ? calendarId : null;
}

/** Reads what can be used, and says what cannot. */
export function summaryOf(doc: StoredOrganization & TypesOnly): OrganizationSummary {
  const hasKey = doc.keyType === 'string' && doc.keyIsEmpty !== true;
  const summary: OrganizationSummary = { id: printableId(doc._id), hasKey, name: '' };
  const problems: string[] = [];
  const check = <T>(path: string, value: unknown, kind: Kind<T>): value is T => {
    if (value === undefined || value === null) return false;
    if (kind.is(value)) return true;
    problems.push(`${path} is ${typeName(value)}, not ${kind.expected}`);
    return false;
  };
  // What is absent stays so.
  const take = <Field extends keyof OrganizationSummary>(
    field: Field,
    path: string,
    value: unknown,
    kind: Kind<NonNullable<OrganizationSummary[Field]>>,
  ) => {
    if (check(path, value, kind)) summary[field] = value;
  };
  const sync = fieldsOf(doc.lumaSync);
  if (!ABSENT.has(doc.syncType) && doc.syncType !== 'object') {
    problems.push(`lumaSync is ${TYPES[String(doc.syncType)] ?? String(doc.syncType)}, not an object`);
  }
  if (doc.keyIsEmpty === true) problems.push('lumaApiKey is empty');
  check('lumaVisibility', doc.lumaVisibility, WORDS);
  check('lumaSync.calendarId', sync.calendarId, TEXT);
  take('name', 'name', doc.name, TEXT);
  take('calendarUrl', 'lumaCalendarUrl', doc.lumaCalendarUrl, TEXT);
  take('icalUrl', 'lumaIcalUrl', doc.lumaIcalUrl, TEXT);
  take('timezone', 'lumaTimezone', doc.lumaTimezone, TEXT);
  take('calendarName', 'lumaSync.calendarName', sync.calendarName, TEXT);
  take('state', 'lumaSync.state', sync.state, TEXT);
  take('reason', 'lumaSync.reason', sync.reason, TEXT);
  take('lastAttemptAt', 'lumaSync.lastAttemptAt', sync.lastAttemptAt, INSTANT);
  take('lastSuccessAt', 'lumaSync.lastSuccessAt', sync.lastSuccessAt, INSTANT);
  take('eventsLastSynced', 'eventsLastSynced', doc.eventsLastSynced, INSTANT);
  take('consecutiveFailures', 'lumaSync.consecutiveFailures', sync.consecutiveFailures, COUNT);
  take('removalsHeld', 'lumaSync.removalsHeld', sync.removalsHeld, COUNT);
  take('drift', 'lumaSync.drift', sync.drift, TEXTS);
  const unusable = idProblem(doc._id) ?? keyTypeProblem(doc.keyType) ?? feedTypeProblem(doc);
  if (isKeyless(doc) && (summary.icalUrl ?? '') !== '') summary.source = 'ical';
  if (unusable !== undefined) summary.unusable = unusable;
  if (problems.length > 0) summary.problems = problems;
  return summary;
}

interface Kind<T> {
  is: (value: unknown) => value is T;
  expected: string;
}

const TEXT: Kind<string> = { is: (value) => typeof value === 'string', expected: 'text' };
const COUNT: Kind<number> = {
  is: (value): value is number => typeof value === 'number' && Number.isFinite(value),
  expected: 'a number',
};
const INSTANT: Kind<Date> = {
  is: (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
  expected: 'a date',
};
const TEXTS: Kind<string[]> = {
  is: (value): value is string[] => Array.isArray(value) && value.every(TEXT.is),
  expected: 'a list of texts',
};
const WORDS: Kind<string | string[]> = {
  is: (value): value is string | string[] => TEXT.is(value) || TEXTS.is(value),
  expected: 'a word or a list of words',
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeName(value) === 'an object';
}

export function fieldsOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

/** What `$type` says where there is nothing. */
const ABSENT = new Set<unknown>(['missing', 'null', 'undefined', undefined]);

const TYPES: Record<string, string> = {
  array: 'a list',
  binData: 'binary data',
  bool: 'true or false',
  date: 'a date',
  decimal: 'a number',
  double: 'a number',
  int: 'a number',
  long: 'a number',
  object: 'an object',
  objectId: 'an ObjectId',
  regex: 'a regular expression',
  string: 'text',
  timestamp: 'a timestamp',
};

/** A value's type in words; never the value. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'a date out of range' : 'a date';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') {
    const bson = '_bsontype' in value ? String(value._bsontype) : 'Object';
    return BSON_TYPES[bson] ?? bson;
  }
  return { string: 'text', boolean: 'true or false' }[typeof value as string] ?? `a ${typeof value}`;
}

const BSON_TYPES: Record<string, string> = {
  Object: 'an object',
  ObjectId: 'an ObjectId',
  Binary: 'binary data',
  Decimal128: 'a number',
  Long: 'a number',
};

/** As {@link calendarIdOf}, for spreading. */
export function calendarNameOf({ lumaSync }: StoredOrganization): { calendarName?: string } {
  const { calendarName } = fieldsOf(lumaSync);
  return typeof calendarName === 'string' ? { calendarName } : {};
}

/** Where the last complete sync read, for spreading: before there were feeds, nothing was noted. */
export function lastSourceOf({ lumaSync }: StoredOrganization): { lastSource?: EventSource } {
  const { source, lastSuccessAt } = fieldsOf(lumaSync);
  if (source === 'api' || source === 'ical') return { lastSource: source };
  return lastSuccessAt === undefined ? {} : { lastSource: 'api' };
}

/** The sync that the organization last heard of; `undefined` where it never did. */
export function lastSyncIdOf({ lumaSync }: StoredOrganization): unknown {
  return fieldsOf(lumaSync).syncId;
}

/** Whether people were told that the organization needs one of them. */
export function isTold({ lumaSync }: StoredOrganization): boolean {
  const { told } = fieldsOf(lumaSync);
  return Array.isArray(told) && told.length > 0;
}

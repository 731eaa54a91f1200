/**
 * What Luma's answers look like, in numbers that can be kept and compared: a field that vanishes tells nobody else.
 * Names of fields and words of enumerations only, never a value.
 */
import { isDeepStrictEqual } from 'node:util';
import { isObject, viewEntry, type EntryView } from './entry.js';
import { USUAL_PROPERTIES } from './ical/properties.js';
import { cut } from './text.js';

/** Which events have the field. */
type Owner = 'all' | 'luma' | 'external';

const FIELDS_OF: Record<Owner, string> = {
  all: `platform id calendar_id start_at end_at created_at duration_interval timezone name description description_md
    geo_address_json coordinate url tags`,
  luma: `access user_id meeting_url location_type location_visibility cover_url visibility waitlist_status
    feedback_email registration_questions registration_open require_approval spots_remaining max_capacity
    display_price submitted_by hosts`,
  external: 'host',
};
const KNOWN_FIELDS: Record<string, Owner> = Object.fromEntries(
  (Object.keys(FIELDS_OF) as Owner[]).flatMap((owner) =>
    FIELDS_OF[owner].split(/\s+/).map((name) => [name, owner] as const),
  ),
);

/** The same of a feed's events, which have no owners. */
const KNOWN_IN_FEEDS: Record<string, Owner> = Object.fromEntries(
  USUAL_PROPERTIES.map((name) => [name, 'all'] as const),
);

/** Names that older shapes use for the same things: known, and not counted. */
const LEGACY_FIELDS = new Set([
  'api_id',
  'calendar_api_id',
  'user_api_id',
  'event',
  'geo_latitude',
  'geo_longitude',
  'geo_address_visibility',
  'zoom_meeting_url',
]);

const KNOWN_WORDS: Record<string, ReadonlySet<string>> = {
  platform: new Set(['luma', 'external']),
  location_type: new Set('offline zoom meet discord youtube twitch twitter unknown missing'.split(' ')),
  location_visibility: new Set(['public', 'guests-only']),
  visibility: new Set(['public', 'members-only', 'private']),
  waitlist_status: new Set(['disabled', 'enabled']),
  access: new Set(['manage', 'view']),
};

const NAME_LIMIT = 50;
const NAME_LENGTH = 60;
/** Fields of one entry whose names are looked at. */
const NAMES_PER_ENTRY = 500;

export interface FieldStats {
  name: string;
  /** Entries that have the field, `null` included. */
  present: number;
  /** JSON types seen, sorted: array, boolean, null, number, object, string. */
  types: string[];
}

/** Plain JSON, at most a few kilobytes. */
export interface ShapeStats {
  /** Absent: entries of the API. */
  source?: 'ical';
  entries: number;
  externalEntries: number;
  /** Every known field, in a fixed order. */
  fields: FieldStats[];
  /** Sorted, at most 50. */
  unknownFields: string[];
  /** `field=word`, sorted, at most 50. */
  unknownWords: string[];
}

/** Entries that are no objects are left out. */
export function observeShape(entries: unknown[]): ShapeStats {
  const views = entries.filter(isObject).map(viewEntry);
  const unknownFields = new Set<string>();
  const unknownWords = new Set<string>();
  for (const view of views) {
    for (const name of view.names(NAMES_PER_ENTRY)) {
      const known = Object.hasOwn(KNOWN_FIELDS, name) || LEGACY_FIELDS.has(name);
      if (!known && unknownFields.size < NAME_LIMIT) unknownFields.add(shownName(name));
    }
    for (const [name, words] of Object.entries(KNOWN_WORDS)) {
      const word = view.read(name);
      const isNew = typeof word === 'string' && /^[a-z0-9_-]{1,40}$/i.test(word) && !words.has(word);
      if (isNew && unknownWords.size < NAME_LIMIT) unknownWords.add(`${name}=${word}`);
    }
  }
  return {
    entries: views.length,
    externalEntries: views.filter((view) => view.platform === 'external').length,
    fields: Object.entries(KNOWN_FIELDS).map(([name, owner]) => fieldStats(name, owner, views)),
    unknownFields: [...unknownFields].sort(),
    unknownWords: [...unknownWords].sort(),
  };
}

/** The stats of both together. */
export function mergeShape(a: ShapeStats, b: ShapeStats): ShapeStats {
  return {
    ...(a.source === undefined ? {} : { source: a.source }),
    entries: a.entries + b.entries,
    externalEntries: a.externalEntries + b.externalEntries,
    fields: Object.keys(knownIn(a)).map((name) => ({
      name,
      present: presentIn(a, name) + presentIn(b, name),
      types: union(typesIn(a, name), typesIn(b, name)),
    })),
    unknownFields: union(a.unknownFields, b.unknownFields).slice(0, NAME_LIMIT),
    unknownWords: union(a.unknownWords, b.unknownWords).slice(0, NAME_LIMIT),
  };
}

/** One way in which answers differ from those before. Names of fields and types, and words of enumerations: no other values. */
export type Difference = { field: string } & (
  | { kind: 'vanished' | 'appeared' }
  /** JSON types, `null` aside. */
  | { kind: 'changed-type'; from: string[]; to: string[] }
  | { kind: 'new-value'; value: string }
);

/**
 * What differs. A field counts as vanished when every entry that can have it had it before and none has it now, so that
 * a field of a few events only raises no alarm; appeared, the other way round.
 */
export function compareShape(before: ShapeStats, now: ShapeStats): Difference[] {
  const differences: Difference[] = [];
  for (const [field, owner] of Object.entries(knownIn(now))) {
    const [ownersBefore, ownersNow] = [ownersIn(before, owner), ownersIn(now, owner)];
    if (ownersBefore === 0 || ownersNow === 0) continue;
    const [presentBefore, presentNow] = [presentIn(before, field), presentIn(now, field)];
    if (presentBefore >= ownersBefore && presentNow === 0) differences.push({ field, kind: 'vanished' });
    if (presentBefore === 0 && presentNow >= ownersNow) differences.push({ field, kind: 'appeared' });

    const [from, to] = [solidTypes(before, field), solidTypes(now, field)];
    if (from.length > 0 && to.some((type) => !from.includes(type))) {
      differences.push({ field, kind: 'changed-type', from, to });
    }
  }
  if (before.entries === 0) return differences;
  for (const field of now.unknownFields) {
    if (!before.unknownFields.includes(field)) differences.push({ field, kind: 'appeared' });
  }
  for (const word of now.unknownWords) {
    const [field = '', value = ''] = word.split('=');
    if (!before.unknownWords.includes(word)) differences.push({ field, kind: 'new-value', value });
  }
  return differences;
}

/** What is remembered of a calendar's answers between syncs. */
export interface KnownShape {
  /** How they looked when all was as usual. */
  baseline: ShapeStats;
  /** Differences from it that were reported and still last. */
  reported: Difference[];
}

export interface SettledDrift extends KnownShape {
  /** Differences that nobody was told of yet. */
  fresh: Difference[];
  /** Of those that last, the ones a person should look at: a field that vanished or changed its type. */
  alarming: Difference[];
}

/**
 * Compares a listing with the last good ones. While a field is gone or of another type, the baseline stays as it
 * was, so that the difference is reported once and a later return ends it; what is merely new becomes usual.
 */
export function settleDrift(known: KnownShape | null, now: ShapeStats): SettledDrift {
  // Of another source nothing looked the same.
  if (known === null || known.baseline.source !== now.source) {
    return { baseline: now, reported: [], fresh: [], alarming: [] };
  }
  // What the listing has no entry to show of lasts: it is neither over nor, once it is seen again, new.
  const unseen = known.reported.filter(({ field }) => ownersIn(now, ownerOf(now, field)) === 0);
  const differing = compareShape(known.baseline, now);
  const reported = [...differing, ...unseen.filter((one) => !isAmong(differing, one))];
  const alarming = reported.filter(({ kind }) => kind === 'vanished' || kind === 'changed-type');
  const words = {
    unknownFields: union(known.baseline.unknownFields, now.unknownFields).slice(0, NAME_LIMIT),
    unknownWords: union(known.baseline.unknownWords, now.unknownWords).slice(0, NAME_LIMIT),
  };
  return {
    // A listing without entries says nothing about what entries look like.
    baseline: { ...(alarming.length > 0 || now.entries === 0 ? known.baseline : now), ...words },
    reported,
    fresh: reported.filter((one) => !isAmong(known.reported, one)),
    alarming,
  };
}

function isAmong(differences: readonly Difference[], one: Difference): boolean {
  return differences.some((other) => isDeepStrictEqual(other, one));
}

function knownIn({ source }: Pick<ShapeStats, 'source'>): Record<string, Owner> {
  return source === 'ical' ? KNOWN_IN_FEEDS : KNOWN_FIELDS;
}

function ownerOf(stats: ShapeStats, field: string): Owner {
  const known = knownIn(stats);
  return (Object.hasOwn(known, field) ? known[field] : undefined) ?? 'all';
}

function fieldStats(name: string, owner: Owner, views: EntryView[]): FieldStats {
  const types = new Set<string>();
  let present = 0;
  for (const view of views) {
    const value = name === 'id' ? view.id : view.read(name);
    const isExternal = view.platform === 'external';
    if (value === undefined || (owner === 'luma' && isExternal) || (owner === 'external' && !isExternal))
      continue;
    present += 1;
    types.add(value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
  }
  return { name, present, types: [...types].sort() };
}

function ownersIn(stats: ShapeStats, owner: Owner): number {
  if (owner === 'all') return stats.entries;
  return owner === 'external' ? stats.externalEntries : stats.entries - stats.externalEntries;
}

/** Stats that an older version stored may lack a field: then it has not been seen. */
function fieldIn(stats: ShapeStats, name: string): FieldStats | undefined {
  return stats.fields.find((field) => field.name === name);
}

function presentIn(stats: ShapeStats, name: string): number {
  return fieldIn(stats, name)?.present ?? 0;
}

function typesIn(stats: ShapeStats, name: string): string[] {
  return fieldIn(stats, name)?.types ?? [];
}

function solidTypes(stats: ShapeStats, name: string): string[] {
  return typesIn(stats, name).filter((type) => type !== 'null');
}

function union(a: string[], b: string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

/** Names reach reports: none of Luma's may carry more than a name. */
function shownName(name: string): string {
  return cut(name, NAME_LENGTH).replace(/[^\w.-]/gu, '?');
}

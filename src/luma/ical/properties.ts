/** Properties of a feed's events, by their names in capital letters. */

/** Those that an event is made of. */
export const READ_PROPERTIES = [
  'UID',
  'SUMMARY',
  'DTSTART',
  'DTEND',
  'DURATION',
  'DESCRIPTION',
  'LOCATION',
  'GEO',
] as const;
export type ReadProperty = (typeof READ_PROPERTIES)[number];

/**
 * Those by which an event is a series. Luma's feed has every date as an event of its own; of a series, DTSTART alone would
 * be one date, and most often a past one.
 */
export const SERIES_PROPERTIES: ReadonlySet<string> = new Set(['RRULE', 'RDATE']);

/** Those that all of Luma's events have: one that vanishes is news. */
export const USUAL_PROPERTIES: readonly string[] =
  'UID SUMMARY DTSTART DTEND DESCRIPTION LOCATION DTSTAMP SEQUENCE STATUS ORGANIZER'.split(' ');

/** Luma's feed changes SEQUENCE each time, and all of it is TENTATIVE: most of them say nothing here. */
export const KNOWN_PROPERTIES: ReadonlySet<string> = new Set([
  ...READ_PROPERTIES,
  ...USUAL_PROPERTIES,
  ...'CREATED LAST-MODIFIED URL CLASS TRANSP PRIORITY'.split(' '),
]);

/** One event of a feed. Plain JSON, and the same for two feeds that say the same of it. */
export interface FeedEntry {
  /** Texts without escapes, times in ISO 8601. Of `DESCRIPTION` the first line only: the others name people. */
  values: Partial<Record<ReadProperty, string>>;
  /** Names of the properties that it has, with the types of their values. */
  types: Record<string, string>;
  /** What is wrong with it as it is written. Path: a property's name. */
  problems: { path: string; problem: string }[];
}

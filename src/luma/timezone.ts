/**
 * Time zones as Luma and the calendars imported into it write them, made IANA names.
 *
 * Never by an abbreviation: BST is London's summer time and Dhaka's time, IST is India's, Israel's and Ireland's. The
 * runtime would take them. Some (EST, MST, HST, CET, …) are names of IANA's too, but who writes EST means New York as
 * often as a place without summer time.
 */
import { loadWindowsZones } from './windows-zones.js';

/** IANA's names without a `/` that are words for a place, or name both of a zone's offsets. */
const SINGLE_NAMES = new Set(
  `cuba egypt eire gb gb-eire hongkong iceland iran israel jamaica japan kwajalein libya navajo nz nz-chat poland
    portugal prc roc rok singapore turkey w-su est5edt cst6cdt mst7mdt pst8pdt`.split(/\s+/),
);

const UTC =
  /^(?:utc|uct|gmt|z|zulu|universal|greenwich|coordinated universal time|(?:utc|gmt)[+-]?0{1,2}(?::?00)?)$/i;

/** Looking a zone up costs the runtime far more than the rest of an entry; the bound is for hostile answers. */
const known = new Map<string, string | undefined>();
const KNOWN_LIMIT = 1_000;
let windowsZones: ReadonlyMap<string, string> | undefined;

/** @returns an IANA name, repaired where there is one right way to; `undefined` when the zone is unknown */
export function ianaTimezone(value: string): string | undefined {
  const text = value.trim();
  if (text.length > 100) return undefined;
  if (!known.has(text)) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(text, repaired(text));
  }
  return known.get(text);
}

function repaired(text: string): string | undefined {
  if (UTC.test(text)) return 'UTC';

  const offset = /^(?:utc|gmt)([+-])(\d{1,2})(?::?00)?$/i.exec(text);
  // POSIX, whose signs the Etc zones keep, counts west of Greenwich as positive.
  if (offset) return runtimeName(`Etc/GMT${offset[1] === '+' ? '-' : '+'}${Number(offset[2])}`);

  // SystemV zones are the runtime's own, after abbreviations.
  const isName = /^(?!systemv\/)[a-z_-]+\/./i.test(text) || SINGLE_NAMES.has(text.toLowerCase());
  if (isName) return runtimeName(text);
  windowsZones ??= loadWindowsZones();
  return windowsZones.get(text.toLowerCase());
}

/** The runtime takes any case and replaces names by older ones (Asia/Kolkata by Asia/Calcutta): keep a good name. */
function runtimeName(text: string): string | undefined {
  try {
    const canonical = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    if (canonical.toLowerCase() === text.toLowerCase()) return canonical;
    const isWellWritten =
      /^[A-Z][A-Za-z]*(\/[A-Z][A-Za-z0-9_+-]*)+$/.test(text) && /\/.*[a-z]|^Etc\//.test(text);
    return isWellWritten ? text : canonical;
  } catch {
    return undefined;
  }
}

/** Time zones as Luma and the calendars imported into it write them, made IANA names. */

/** What Outlook and Exchange write; the usual ones, each by its most populous place. */
const WINDOWS_ZONES = new Map([
  ['hawaiian standard time', 'Pacific/Honolulu'],
  ['alaskan standard time', 'America/Anchorage'],
  ['pacific standard time', 'America/Los_Angeles'],
  ['us mountain standard time', 'America/Phoenix'],
  ['mountain standard time', 'America/Denver'],
  ['central standard time', 'America/Chicago'],
  ['canada central standard time', 'America/Regina'],
  ['central standard time (mexico)', 'America/Mexico_City'],
  ['eastern standard time', 'America/New_York'],
  ['sa pacific standard time', 'America/Bogota'],
  ['atlantic standard time', 'America/Halifax'],
  ['newfoundland standard time', 'America/St_Johns'],
  ['e. south america standard time', 'America/Sao_Paulo'],
  ['argentina standard time', 'America/Argentina/Buenos_Aires'],
  ['gmt standard time', 'Europe/London'],
  ['greenwich standard time', 'Atlantic/Reykjavik'],
  ['w. europe standard time', 'Europe/Berlin'],
  ['romance standard time', 'Europe/Paris'],
  ['central europe standard time', 'Europe/Budapest'],
  ['central european standard time', 'Europe/Warsaw'],
  ['e. europe standard time', 'Europe/Chisinau'],
  ['fle standard time', 'Europe/Kyiv'],
  ['gtb standard time', 'Europe/Bucharest'],
  ['turkey standard time', 'Europe/Istanbul'],
  ['israel standard time', 'Asia/Jerusalem'],
  ['egypt standard time', 'Africa/Cairo'],
  ['south africa standard time', 'Africa/Johannesburg'],
  ['w. central africa standard time', 'Africa/Lagos'],
  ['e. africa standard time', 'Africa/Nairobi'],
  ['russian standard time', 'Europe/Moscow'],
  ['arab standard time', 'Asia/Riyadh'],
  ['arabian standard time', 'Asia/Dubai'],
  ['pakistan standard time', 'Asia/Karachi'],
  ['india standard time', 'Asia/Kolkata'],
  ['bangladesh standard time', 'Asia/Dhaka'],
  ['se asia standard time', 'Asia/Bangkok'],
  ['china standard time', 'Asia/Shanghai'],
  ['singapore standard time', 'Asia/Singapore'],
  ['taipei standard time', 'Asia/Taipei'],
  ['tokyo standard time', 'Asia/Tokyo'],
  ['korea standard time', 'Asia/Seoul'],
  ['w. australia standard time', 'Australia/Perth'],
  ['aus eastern standard time', 'Australia/Sydney'],
  ['e. australia standard time', 'Australia/Brisbane'],
  ['new zealand standard time', 'Pacific/Auckland'],
]);

/** Looking a zone up costs the runtime far more than the rest of an entry; the bound is for hostile answers. */
const known = new Map<string, string | undefined>();
const KNOWN_LIMIT = 1_000;

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
  if (/^(utc|gmt|z|zulu|coordinated universal time|(utc|gmt)[+-]0{1,2}(:?00)?)$/i.test(text)) return 'UTC';

  const offset = /^(?:utc|gmt)([+-])(\d{1,2})(?::?00)?$/i.exec(text);
  // POSIX, whose signs the Etc zones keep, counts west of Greenwich as positive.
  if (offset) return runtimeName(`Etc/GMT${offset[1] === '+' ? '-' : '+'}${Number(offset[2])}`);

  return runtimeName(text) ?? WINDOWS_ZONES.get(text.toLowerCase());
}

/** The runtime takes any case and replaces names by older ones (Asia/Kolkata by Asia/Calcutta): keep a good name. */
function runtimeName(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined;
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

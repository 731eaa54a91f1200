/** The names of time zones that Outlook and Exchange write, by the list that Unicode keeps (CLDR). */
import { createRequire } from 'node:module';
import { z } from 'zod';

const windowsZones = z.object({
  supplemental: z.object({
    windowsZones: z.object({
      mapTimezones: z.array(
        z.object({ mapZone: z.object({ _other: z.string(), _type: z.string(), _territory: z.string() }) }),
      ),
    }),
  }),
});

/** CLDR never changes the name it once gave a zone; IANA's of today stands beside it, where there is a newer one. */
const timezones = z.object({
  keyword: z.object({
    u: z.object({
      tz: z.record(
        z.string(),
        z.union([z.string(), z.looseObject({ _alias: z.string().optional(), _iana: z.string().optional() })]),
      ),
    }),
  }),
});

/** IANA's names by Windows' names in lower case; each is the zone that CLDR says stands for all of them. */
export function loadWindowsZones(): ReadonlyMap<string, string> {
  // Not an import: Node 20 warns of imported JSON.
  const require = createRequire(import.meta.url);
  const { mapTimezones } = windowsZones.parse(require('cldr-core/supplemental/windowsZones.json'))
    .supplemental.windowsZones;
  const { tz } = timezones.parse(require('cldr-bcp47/bcp47/timezone.json')).keyword.u;
  const newer = new Map(
    Object.values(tz).flatMap((zone) =>
      typeof zone === 'string' || zone._iana === undefined
        ? []
        : (zone._alias ?? '').split(' ').map((name) => [name, zone._iana ?? name] as const),
    ),
  );
  return new Map(
    mapTimezones
      .filter(({ mapZone }) => mapZone._territory === '001')
      .map(({ mapZone }) => [mapZone._other.toLowerCase(), newer.get(mapZone._type) ?? mapZone._type]),
  );
}

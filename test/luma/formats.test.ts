import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDuration, parseInstant } from '../../src/luma/time.js';
import { ianaTimezone } from '../../src/luma/timezone.js';
import { imageAddress, webAddress } from '../../src/luma/url.js';
import { loadWindowsZones } from '../../src/luma/windows-zones.js';

describe('instants', () => {
  it.each([
    ['2026-11-03T18:00:00.000Z', '2026-11-03T18:00:00.000Z'],
    ['2026-11-03T18:00Z', '2026-11-03T18:00:00.000Z'],
    ['2026-11-03T18:00:00.1234567Z', '2026-11-03T18:00:00.123Z'],
    ['2026-11-03T18:00:00.5z', '2026-11-03T18:00:00.500Z'],
    ['2026-11-03T18:00:00+05:30', '2026-11-03T12:30:00.000Z'],
    ['2026-11-03T18:00:00-0800', '2026-11-04T02:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['2200-12-31T23:59:59.999Z', '2200-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseInstant(text)).toEqual({ date: new Date(expected) });
  });

  it.each([
    '',
    'soon',
    '2026-11-03',
    '2026-11-03T18:00:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-11-03T24:00:00Z',
    '2026-11-03T18:60:00Z',
    '2026-11-03T18:00:00+24:00',
    '+012026-11-03T18:00:00Z',
    1_790_000_000,
    null,
    {},
  ])('%j is not a date', (value) => expect(parseInstant(value)).toEqual({ problem: 'not-a-date' }));

  it.each(['1969-12-31T23:59:59Z', '2201-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    '%s is a date that no event has',
    (value) => expect(parseInstant(value)).toEqual({ problem: 'impossible-date' }),
  );

  it('every instant that JavaScript writes is read back', () => {
    const believable = fc.date({
      min: new Date(0),
      max: new Date('2200-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(believable, (date) => {
        expect(parseInstant(date.toISOString())).toEqual({ date });
      }),
    );
  });
});

it.each([
  ['P0Y0M0DT2H0M0S', '2026-01-31T20:00:00.000Z'],
  ['PT90M', '2026-01-31T19:30:00.000Z'],
  ['PT0.5S', '2026-01-31T18:00:00.500Z'],
  ['P2D', '2026-02-02T18:00:00.000Z'],
  ['P1W', '2026-02-07T18:00:00.000Z'],
  ['P1Y', '2027-01-31T18:00:00.000Z'],
  ['PT0S', '2026-01-31T18:00:00.000Z'],
  ['P', undefined],
  ['PT', undefined],
  ['P1DT', undefined],
  ['-PT1H', undefined],
  ['PT-1H', undefined],
  ['2 hours', undefined],
  ['', undefined],
  [7200, undefined],
  [null, undefined],
  ['P1M', '2026-02-28T18:00:00.000Z'],
  ['P2M', '2026-03-31T18:00:00.000Z'],
  ['P3M', '2026-04-30T18:00:00.000Z'],
  ['P1Y1M', '2027-02-28T18:00:00.000Z'],
  ['P2Y1M', '2028-02-29T18:00:00.000Z'],
  ['P25M', '2028-02-29T18:00:00.000Z'],
  ['P1M1DT1H', '2026-03-01T19:00:00.000Z'],
  [`${' '.repeat(200_000)}PT1H`, undefined],
  ['P900Y', undefined],
  [`P${'9'.repeat(90)}D`, undefined],
])('a start plus %j is %s', (duration, expected) => {
  const start = new Date('2026-01-31T18:00:00Z');
  expect(addDuration(start, duration)?.toISOString()).toBe(expected);
  expect(start.toISOString()).toBe('2026-01-31T18:00:00.000Z');
});

it('a year after 29 February is 28 February, but in a leap year', () => {
  const start = new Date('2028-02-29T18:00:00Z');
  expect(addDuration(start, 'P1Y')).toEqual(new Date('2029-02-28T18:00:00Z'));
  expect(addDuration(start, 'P4Y')).toEqual(new Date('2032-02-29T18:00:00Z'));
  expect(addDuration(start, 'P12M')).toEqual(new Date('2029-02-28T18:00:00Z'));
});

it.each([
  ['Europe/Brussels', 'Europe/Brussels'],
  [' Europe/Brussels\n', 'Europe/Brussels'],
  ['europe/brussels', 'Europe/Brussels'],
  ['AMERICA/NEW_YORK', 'America/New_York'],
  ['America/New_york', 'America/New_York'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['Etc/GMT+5', 'Etc/GMT+5'],
  ['UTC', 'UTC'],
  ['utc', 'UTC'],
  ['GMT', 'UTC'],
  ['GMT+0', 'UTC'],
  ['Z', 'UTC'],
  ['UTC+2', 'Etc/GMT-2'],
  ['GMT-08:00', 'Etc/GMT+8'],
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['pacific standard time', 'America/Los_Angeles'],
  ['Atlantic Standard Time', 'America/Halifax'],
  ['India Standard Time', 'Asia/Kolkata'],
  ['FLE Standard Time', 'Europe/Kyiv'],
  ['Argentina Standard Time', 'America/Argentina/Buenos_Aires'],
  ['Nepal Standard Time', 'Asia/Kathmandu'],
  ['UTC-02', 'Etc/GMT+2'],
  ['Dateline Standard Time', 'Etc/GMT+12'],
  ['US/Pacific', 'US/Pacific'],
  ['Etc/UTC', 'Etc/UTC'],
  ['Japan', 'Asia/Tokyo'],
  ['EST5EDT', 'America/New_York'],
  ['SystemV/EST5', undefined],
  ['Pacific Daylight Time', undefined],
  ['UTC+5:30', undefined],
  ['UTC+44', undefined],
  ['+05:30', undefined],
  ['Mars/Olympus', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['x'.repeat(1000), undefined],
])('the time zone %j is %s', (text, expected) => expect(ianaTimezone(text)).toBe(expected));

it.each(
  `ACDT ACST ACT ADT AEDT AEST AET AGT AKDT AKST ART AST AWST BET BRT BST CAT CCT CDT CEST CET CLT CNT COT CST CTT
  EAT ECT EDT EEST EET EST GST HKT HST ICT IDT IET IST JST KST MDT MEST MET MIT MSK MST NDT NET NST NZDT NZST PDT PHT
  PKT PLT PNT PRT PST SGT SST TRT VST WAT WEST WET WIB bst Est`.split(/\s+/),
)('the abbreviation %s is not guessed at', (text) => expect(ianaTimezone(text)).toBeUndefined());

it('every name that CLDR has for Windows’ zones is a zone of IANA’s', () => {
  const zones = loadWindowsZones();
  expect(zones.size).toBeGreaterThan(130);
  for (const [name, zone] of zones) {
    expect(zone).toMatch(/^[A-Z][A-Za-z]+\/[A-Za-z0-9/_+-]+$/);
    expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
    expect(ianaTimezone(name)).toBe(name === 'utc' ? 'UTC' : zone);
  }
});

describe('addresses', () => {
  it.each([
    ['https://luma.com/lantern', 'https://luma.com/lantern'],
    ['https://lu.ma/lantern', 'https://luma.com/lantern'],
    ['http://www.lu.ma/lantern/', 'https://luma.com/lantern'],
    ['HTTPS://WWW.LUMA.COM/Lantern', 'https://luma.com/Lantern'],
    ['https://luma.com/lantern?tk=guest-token#top', 'https://luma.com/lantern'],
    ['https://lu.ma/event/evt-1', 'https://luma.com/event/evt-1'],
    ['lu.ma/lantern', 'https://luma.com/lantern'],
    ['lantern-2026', 'https://luma.com/lantern-2026'],
    ['https://books.example/swap?x=1#y', 'https://books.example/swap?x=1#y'],
    ['http://books.example', 'http://books.example/'],
    ['HTTPS://Books.Example:443/Swap', 'https://books.example/Swap'],
    ['https://bücher.example/é', 'https://xn--bcher-kva.example/%C3%A9'],
    ['https://luma.com//lantern//walk/', 'https://luma.com/lantern/walk'],
    ['https://books.example/\u202egnp', 'https://books.example/%E2%80%AEgnp'],
    ['https://me:pass@books.example/swap', 'https://books.example/swap'],
    ['https://books.example/a b', 'https://books.example/a%20b'],
    ['https://evil-luma.com/lantern', 'https://evil-luma.com/lantern'],
    ['https://luma.com.evil.example/x', 'https://luma.com.evil.example/x'],
  ])('%s is %s', (text, expected) => expect(webAddress(text)).toBe(expected));

  it.each([
    '',
    ' ',
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example/x',
    '//a.example/x',
    'https://',
    'https://luma.com/',
    'two words',
    '../up',
    `https://books.example/${'x'.repeat(4_000)}`,
    `https://luma.com/${'/'.repeat(200_000)}x`,
  ])('%j is none', (text) => expect(webAddress(text)).toBeUndefined());

  it('are read the same in a process that has read a hundred thousand', () => {
    const read = Array.from({ length: 100_000 }, () => webAddress('https://bücher.example/é'));
    expect(new Set(read)).toEqual(new Set(['https://xn--bcher-kva.example/%C3%A9']));
  });

  it('whatever is returned is http(s) and stays as it is when read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()),
        (text) => {
          const address = webAddress(text);
          if (address === undefined) return;
          expect(new URL(address).protocol).toMatch(/^https?:$/);
          expect(webAddress(address)).toBe(address);
          expect(new URL(address).href).toBe(address);
          expect(imageAddress(address)).toBe(address);
        },
      ),
    );
  });
});

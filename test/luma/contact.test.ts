import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsLinkOrMail } from '../../src/luma/contact.js';

const LINKS = [
  'https://zoom.us/j/123',
  'HTTP://Meet.Example',
  'zoom.us/j/123',
  'Zoom.us',
  'us02web.zoom.us',
  'Zoom: zoom.us/j/123',
  'Zoom:meet.example/abc',
  'Online (meet.google.com)',
  'meet.google.com/abc-defg-hij',
  'teams.microsoft.com/l/meetup-join/x',
  'Ghent, www.club.example',
  'meet.example',
  'meet.example/abc.',
  '→meet.example/abc',
  'join…meet.example/abc',
  'Join at meet.example:8443/x now',
  'meet.example?pwd=1',
  '192.168.0.1/join',
  '//meet.example/abc',
  'https:\\\\meet.example\\abc',
  'msteams:/l/meetup-join/x',
  'tel:+3212345678',
  'https%3A%2F%2Fmeet.example',
  'hxxps://meet.example',
  'zoom[.]us/j/123',
  'zoom。us/j/123',
  'https：／／meet.example',
  'meet.\u200bexample/abc',
  'bücher.example/x',
  'пример.рф/путь',
  'xn--e1afmkfd.xn--p1ai/x',
];

const MAILS = [
  'ann@example.org',
  'Ann, ann@example.org',
  '<ann@example.org>',
  'Ann <ann@example.org>, Old Mill',
  '"Ann B"@example.org',
  'Ann,ann@example.org,Bea',
  'ann@[192.0.2.1]',
  'ann @ example.org',
  'ann@ example.org',
  'ann(at)example.org',
  'ann [at] example [dot] org',
  'ann%40example.org',
  'ann＠example.org',
  'an\u00adn@exam\u200bple.org',
  'mailto:ann@example',
];

const PLACES = [
  'Old Mill, Quay 7, 9000 Ghent, Belgium',
  'St.Gallen',
  'St. Gallen, Switzerland',
  'C.so Buenos Aires 1, Milano',
  'P.zza Duomo',
  'Café @ the Corner',
  'Lunch @ Joe’s, 5th Ave. Suite 3',
  'Room@Work',
  'Party @ Co.Lab',
  'c/o Müller GmbH',
  '12/14 rue Haute',
  'No.5/F, Tower 2',
  'Unit 3.02/B',
  'Musterstr. 5, 4.OG/links',
  'W.57th St',
  'Washington D.C.',
  'U.S./Mexico border',
  'Tel: +32 9 123',
  'Hall A:12, 10:30',
  'ul.Długa 5/7',
  'ул. Ленина, д.5/2',
  '上海市浦东新区世纪大道1号',
  'Firma s.r.o., Praha',
];

describe('a text of a place', () => {
  it.each(LINKS)('holds a link: %s', (text) => expect(holdsLinkOrMail(text)).toBe(true));
  it.each(MAILS)('holds an e-mail address: %s', (text) => expect(holdsLinkOrMail(text)).toBe(true));
  it.each(PLACES)('holds neither: %s', (text) => expect(holdsLinkOrMail(text)).toBe(false));
});

it('no link and no e-mail address hides between other words', () => {
  const words = fc.array(fc.constantFrom('Old', 'Mill,', 'Quay 7', '(', '-', '–', 'Ghent'), { maxLength: 4 });
  const found = fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.emailAddress(),
    // Not "4.OG/links".
    fc
      .tuple(fc.domain(), fc.constantFrom('/', '/x', ':8443', '?x=1'))
      .map(([host, rest]) => `meet.${host}${rest}`),
  );
  fc.assert(
    fc.property(words, found, words, (before, text, after) => {
      expect(holdsLinkOrMail([...before, text, ...after].join(' '))).toBe(true);
    }),
    // Made-up addresses are slow to make up.
    { numRuns: 40 },
  );
});

import { describe, expect, test } from 'vitest';
import { readFeedAddress } from '../../../src/luma/ical/feed-address.js';

const BASE = 'https://public-api.luma.com';
const read = (text: string, base = BASE) => readFeedAddress(text, base);

describe('the address of a feed', () => {
  test.each([
    'luma.com',
    'api.luma.com',
    'api2.luma.com',
    'lu.ma',
    'api.lu.ma',
    'api2.lu.ma',
    'public-api.luma.com',
  ])('may be on %s', (host) => {
    expect(read(`https://${host}/ics/get?entity=calendar&id=cal-a1`)).toEqual({
      url: `https://${host}/ics/get?entity=calendar&id=cal-a1`,
      calendarId: 'cal-a1',
    });
  });

  test('is brought into one form', () => {
    for (const text of [
      '  https://API.luma.com/ics/get/?id=cal-a1&entity=calendar&utm_source=x#top ',
      'webcal://api.luma.com/ics/get?entity=calendar&id=cal-a1',
      'https://api.luma.com:443/ics/get?entity=calendar&id=cal-a1',
    ]) {
      expect(read(text)?.url).toBe('https://api.luma.com/ics/get?entity=calendar&id=cal-a1');
    }
  });

  test.each([
    ['another host', 'https://luma.com.evil.example/ics/get?entity=calendar&id=cal-a'],
    ['another subdomain', 'https://evil.luma.com/ics/get?entity=calendar&id=cal-a'],
    ['no encryption', 'http://api.luma.com/ics/get?entity=calendar&id=cal-a'],
    ['another port', 'https://api.luma.com:8443/ics/get?entity=calendar&id=cal-a'],
    ['a user name', 'https://ann@api.luma.com/ics/get?entity=calendar&id=cal-a'],
    ['a password', 'https://:pw@api.luma.com/ics/get?entity=calendar&id=cal-a'],
    ['another path', 'https://api.luma.com/ics/../admin?entity=calendar&id=cal-a'],
    ['another entity', 'https://api.luma.com/ics/get?entity=event&id=evt-a'],
    ['no id', 'https://api.luma.com/ics/get?entity=calendar'],
    ['two ids', 'https://api.luma.com/ics/get?entity=calendar&id=cal-a&id=cal-b'],
    ['an id that is none', 'https://api.luma.com/ics/get?entity=calendar&id=../x'],
    ['this machine', 'http://127.0.0.1/ics/get?entity=calendar&id=cal-a'],
    ['a file', 'file:///ics/get?entity=calendar&id=cal-a'],
    ['no address', 'cal-a'],
    ['nothing', ''],
    ['endless', `https://api.luma.com/ics/get?entity=calendar&id=cal-a&x=${'x'.repeat(3_000)}`],
  ])('with %s is none', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test('may be where the API is asked, and nowhere else on that machine', () => {
    const base = 'http://127.0.0.1:4010/luma';
    expect(read('http://127.0.0.1:4010/luma/ics/get?entity=calendar&id=c', base)?.url).toBe(
      'http://127.0.0.1:4010/luma/ics/get?entity=calendar&id=c',
    );
    expect(read('http://127.0.0.1:4011/luma/ics/get?entity=calendar&id=c', base)).toBeUndefined();
    expect(read('http://127.0.0.1:4010/ics/get?entity=calendar&id=c', base)).toBeUndefined();
    expect(read('https://127.0.0.1:4010/luma/ics/get?entity=calendar&id=c', base)).toBeUndefined();
  });
});

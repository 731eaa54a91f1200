import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkFeed } from '../../../src/client/check-feed.js';
import { LumaCheckFailed } from '../../../src/client/errors.js';
import { createLumaApi } from '../../../src/luma/api.js';
import { feedSource } from '../../../src/luma/ical/feed-source.js';
import { absurdServer, rejection } from '../support/server.js';

const MIB = 1024 * 1024;
const feed = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (id: string, ...lines: string[]) =>
  ['BEGIN:VEVENT', `UID:${id}@events.lu.ma`, 'SUMMARY:Tea', ...lines, 'END:VEVENT'].join('\r\n');
const START = 'DTSTART:20260310T180000Z';
const WHOLE = feed(event('evt-1', START));

type Answer = (response: ServerResponse) => void;

async function client(answer: Answer, requestTimeoutMs = 10_000) {
  const server = await absurdServer((_, response) => answer(response));
  const luma = createLumaApi({ baseUrl: server.url, requestTimeoutMs });
  const address = luma.feedAddress(`${server.url}/ics/get?entity=calendar&id=cal-1`);
  if (address === undefined) throw new Error('no address');
  return { server, luma, address };
}

/** What comes of the events of a feed: their ids, or what is wrong with them. */
async function outcomes(body: string | Buffer, contentType = 'text/calendar'): Promise<string[]> {
  const { luma, address } = await client((response) => {
    response.writeHead(200, { 'content-type': contentType }).end(body);
  });
  const source = feedSource(luma, { address, timezone: 'UTC' });
  const { value } = await source.listEvents({ onRequest: () => undefined, onBudget: () => undefined });
  return value.entries.map((entry) => {
    const mapped = source.entries.map(entry);
    if ('event' in mapped) return mapped.event.lumaEventId;
    const [first] = mapped.quarantined.problems;
    return `${first?.path ?? ''}: ${first?.problem ?? ''}`;
  });
}

const answered =
  (status: number, headers: Record<string, string> = {}, body: string | Buffer = '') =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

describe('a feed', () => {
  test.each<[string, Answer, object]>([
    [
      'that never ends',
      (response) => {
        const line = `${'X'.repeat(60_000)}\r\n`;
        const more = () => {
          while (!response.destroyed && response.write(line));
        };
        response.on('drain', more);
        more();
      },
      { name: 'LumaContractBroken', status: 200, message: expect.stringContaining('a body over') as string },
    ],
    [
      'that swells from a hundredth to 100 MiB',
      answered(200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(100 * MIB, ' '))),
      { name: 'LumaContractBroken', status: 200 },
    ],
    [
      'of a byte more than 20 MiB',
      answered(200, {}, WHOLE.replace('\r\n', `\r\nX:${'x'.repeat(20 * MIB + 1 - WHOLE.length - 4)}\r\n`)),
      { name: 'LumaContractBroken', status: 200 },
    ],
    [
      'that is no gzip though it says so',
      answered(200, { 'content-encoding': 'gzip' }, WHOLE),
      { name: 'LumaUnavailable' },
    ],
    [
      'that has not changed, which nobody asked',
      answered(304),
      { name: 'LumaUnavailable', code: 'FOREIGN_ANSWER' },
    ],
    ['of no content', answered(204), { name: 'LumaContractBroken', status: 204 }],
    ['of UTF-16', answered(200, {}, Buffer.from(WHOLE, 'utf16le')), { name: 'LumaContractBroken' }],
    ['of nothing', answered(200), { name: 'LumaContractBroken' }],
    ['that is a page', answered(200, {}, '<!doctype html>'), { name: 'LumaContractBroken' }],
    [
      'that is cut off by its length',
      answered(200, { 'content-length': '9999' }, WHOLE),
      { name: 'LumaUnavailable' },
    ],
  ])('%s is one failure that is named', async (_, answer, expected) => {
    const { luma, address } = await client(answer);
    expect(await rejection(luma.getFeed(address))).toMatchObject(expected);
  });

  test('of a byte now and then ends with the time limit, however long it would go on', async () => {
    let sent = 0;
    const { luma, address } = await client((response) => {
      const timer = setInterval(() => response.write(WHOLE[sent++ % WHOLE.length]), 20);
      response.on('close', () => clearInterval(timer));
    }, 400);
    expect(await rejection(luma.getFeed(address))).toMatchObject({
      name: 'LumaUnavailable',
      code: 'TIMEOUT',
    });
    expect(sent).toBeGreaterThan(2);
  });

  test('that is elsewhere is not followed, whatever the redirect', async () => {
    const other = await absurdServer((_, response) => answered(200, {}, WHOLE)(response));
    for (const status of [301, 302, 303, 307, 308]) {
      const { luma, address } = await client(answered(status, { location: `${other.url}/ics/get` }));
      expect(await rejection(luma.getFeed(address))).toMatchObject({ status, code: 'FOREIGN_ANSWER' });
    }
    expect(other.asked).toEqual([]);
  });

  test('is asked for without a key, and nothing of the address but its two fields', async () => {
    const { server, luma } = await client(answered(200, {}, WHOLE));
    const address = luma.feedAddress(`${server.url}/ics/get?entity=calendar&id=cal-1&token=t#f`);
    await luma.getFeed(address ?? { url: '', calendarId: '' });
    expect(server.asked[0]?.headers).not.toHaveProperty('x-luma-api-key');
    expect(server.asked[0]?.query.toString()).toBe('entity=calendar&id=cal-1');
  });

  test('is UTF-8 whatever its header says, and other bytes hold up their event only', async () => {
    const body = feed(event('evt-1', START).replace('Tea', 'Thé'), event('evt-2', START));
    expect(await outcomes(body, 'text/calendar; charset=iso-8859-1')).toEqual(['evt-1', 'evt-2']);
    expect(await outcomes(Buffer.from(body, 'latin1'))).toEqual(['SUMMARY: not-utf-8', 'evt-2']);
  });
});

describe('an event', () => {
  test.each<[string, string[], string]>([
    ['without a start', [], 'DTSTART: missing'],
    ['with a start without a value', ['DTSTART:'], 'DTSTART: not-a-date'],
    ['with a day for a start', ['DTSTART;VALUE=DATE:20260310'], 'DTSTART: not-a-date'],
    ['of an unknown time zone', ['DTSTART;TZID=Mars/Olympus:20260310T180000'], 'DTSTART: not-a-date'],
    [
      'of a known one, whose rules a feed could bend',
      ['DTSTART;TZID=Europe/Rome:20260310T180000'],
      'DTSTART: not-a-date',
    ],
    ['that ends before it starts', [START, 'DTEND:20260310T170000Z'], 'DTEND: ends-before-start'],
    ['that is a series', [START, 'RRULE:FREQ=SECONDLY'], 'RRULE: repeats'],
    ['with more dates', [START, 'RDATE:20260311T180000Z'], 'RDATE: repeats'],
    ['with two starts', [START, START], 'DTSTART: repeated'],
  ])('%s goes to quarantine, and stops no other', async (_, lines, problem) => {
    expect((await outcomes(feed(event('evt-1', ...lines), event('evt-2', START)))).toSorted()).toEqual(
      [problem, 'evt-2'].toSorted(),
    );
  });

  test('that is there twice, or a hundred times, is none of them', async () => {
    const twice = feed(
      event('evt-1', START),
      event('evt-1', 'DTSTART:20270310T180000Z'),
      event('evt-2', START),
    );
    expect((await outcomes(twice)).toSorted()).toEqual(['UID: repeated', 'UID: repeated', 'evt-2']);
    const all = await outcomes(feed(...Array.from({ length: 100 }, () => event('evt-1', START))));
    expect(new Set(all)).toEqual(new Set(['UID: repeated']));
  });
});

describe('who checks a feed by hand', () => {
  test.each<[string, Answer, RegExp]>([
    ['is none', answered(200, {}, '<html>'), /no iCalendar.* – try again/],
    [
      'leads elsewhere',
      answered(302, { location: 'http://elsewhere.test/' }),
      /something else than Luma answered/,
    ],
    ['is refused', answered(404), /\(404, \/ics\/get\) – see whether the calendar is public/],
    ['is to be asked for later', answered(429, { 'retry-after': '30' }), / – try again in 3\d s$/],
  ])('is told in one line that it %s', async (_, answer, message) => {
    const { server, address } = await client(answer);
    const error = await rejection(checkFeed({ baseUrl: server.url }, address.url));
    expect(error).toBeInstanceOf(LumaCheckFailed);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/\n|elsewhere/);
  });

  test('counts events that can be used, and no others', async () => {
    const soon = new Date(Date.now() + 86_400_000).toISOString().replace(/[-:]|\.\d+/g, '');
    const upcoming = (id: string, ...more: string[]) => event(id, `DTSTART:${soon}`, ...more);
    const body = feed(
      upcoming('evt-1'),
      upcoming('evt-2', 'RRULE:FREQ=DAILY'),
      event('evt-3', START),
      event('evt-4'),
    );
    const { server, address } = await client(answered(200, {}, body));
    expect(await checkFeed({ baseUrl: server.url }, address.url)).toMatchObject({
      upcoming: 1,
      calendarName: 'cal-1',
    });
  });
});

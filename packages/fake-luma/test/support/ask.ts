import { request } from 'node:http';
import { afterEach } from 'vitest';
import { type FakeCalendar, type FakeLuma, type FakeLumaOptions, startFakeLuma } from '../../src/index.js';

/** The instant that tests generate from. */
export const NOW = new Date('2026-10-05T09:00:00Z');
export const EVERYTHING = 'platforms=luma&platforms=external&access=manage&access=view';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body read as JSON; reading it throws when it is none. */
  readonly json: Body;
}

/** The members of Luma's bodies that tests read. */
export interface Body {
  id?: string;
  name?: string;
  message?: string;
  code?: string | null;
  entries: Entry[];
  has_more: boolean;
  next_cursor?: string;
  hosts?: { email: string }[];
  tags?: unknown;
  description_md?: string;
}

export type Entry = Record<string, unknown> & {
  id: string;
  start_at: string;
  event?: Record<string, unknown>;
};

const running: FakeLuma[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((fake) => fake.close()));
});

/** A fake that is closed after the test. */
export async function fakeLuma(
  options: FakeLumaOptions = {},
): Promise<{ fake: FakeLuma; calendar: FakeCalendar }> {
  const fake = await startFakeLuma({ now: NOW, ...options });
  running.push(fake);
  return { fake, calendar: calendarAt(fake, 0) };
}

export function calendarAt(fake: FakeLuma, index: number): FakeCalendar {
  const summary = fake.calendars[index];
  if (summary === undefined) throw new Error(`the fake has no calendar ${index}`);
  return fake.calendar(summary.id);
}

/** One request with the first calendar's key, unless another is given (null: none). */
export async function ask(fake: FakeLuma, path: string, key?: string | null): Promise<Answer> {
  const used = key === undefined ? calendarAt(fake, 0).key : key;
  const response = await fetch(fake.url + path, {
    headers: { 'user-agent': 'fake-luma-test', ...(used !== null && { 'x-luma-api-key': used }) },
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text) as Body;
    },
  };
}

/** One page of the listing. */
export async function list(fake: FakeLuma, query = '', key?: string): Promise<Body> {
  const answer = await ask(fake, `/v1/calendars/events/list?${query}`, key);
  if (answer.status !== 200) throw new Error(`the list answered ${answer.status}: ${answer.text}`);
  return answer.json;
}

/** Every page; stops after 200 of them. */
export async function walk(fake: FakeLuma, query = EVERYTHING): Promise<{ pages: Body[]; ids: string[] }> {
  const pages: Body[] = [];
  let cursor: string | undefined;
  do {
    const page: Body = await list(
      fake,
      cursor === undefined ? query : `${query}&pagination_cursor=${cursor}`,
    );
    pages.push(page);
    cursor = page.has_more ? page.next_cursor : undefined;
  } while (cursor !== undefined && pages.length < 200);
  return { pages, ids: pages.flatMap((page) => page.entries.map(({ id }) => id)) };
}

/** Status of a request that says nothing about who is asking: `fetch` always names itself. */
export function askWithoutUserAgent(fake: FakeLuma, path: string, key: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(
      fake.url + path,
      { agent: false, headers: { 'x-luma-api-key': key } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

import { describe, expect, it } from 'vitest';
import { BodyTooLarge, parseJson } from '../../src/luma/body.js';
import { createLumaApi } from '../../src/luma/api.js';
import { LumaContractBroken } from '../../src/luma/errors.js';
import { lumaEntry } from './support/entries.js';
import { absurdServer, json, rejection } from './support/server.js';

const bytes = (text: string) => Buffer.from(text, 'utf8');

async function answering(body: string) {
  const server = await absurdServer((_, response) => json(response, 200, body));
  return createLumaApi({ baseUrl: server.url }).listEvents('secret-k');
}

describe('a body', () => {
  it.each([
    ['objects', `[${'{},'.repeat(400_000)}{}]`],
    ['lists', `[${'[],'.repeat(400_000)}[]]`],
    ['numbers', `[${'1,'.repeat(600_000)}1]`],
    ['blanks between', `[${'{ } , \n'.repeat(400_000)}{}]`],
    ['keys', `{${'"a":1,'.repeat(600_000)}"a":1}`],
    ['levels of lists', '['.repeat(600_000)],
    ['levels of objects', '{"a":'.repeat(600_000)],
    ['no JSON', ','.repeat(600_000)],
    ['strings with quotes in them', `[${String.raw`"\"","\\",`.repeat(300_000)}1]`],
  ])('of too many values is refused before it is parsed: %s', (_, text) => {
    expect(() => parseJson(bytes(text))).toThrow(BodyTooLarge);
  });

  it.each([
    ['commas and brackets in texts', JSON.stringify({ a: '{},[]'.repeat(400_000) })],
    ['after escaped quotes', JSON.stringify({ a: '",[{\\'.repeat(400_000) })],
    ['200,000 values', JSON.stringify(Array(200_000).fill(1))],
    ['letters of several bytes', JSON.stringify(['é🎉、'.repeat(100_000)])],
  ])('is read where it has no more than an answer can have: %s', (_, text) => {
    expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
  });

  it.each(['', '<html>', '{"a":1', '{"a":"', '"\\', '{"a":"\u0001"}'])('%j is no JSON', (text) => {
    expect(parseJson(bytes(text))).toBeUndefined();
  });
});

describe('a page', () => {
  it.each([
    ['millions of values', `{"entries":[${'{},'.repeat(1_000_000)}{}],"has_more":false}`, 'values'],
    ['501 entries', { entries: Array(501).fill(lumaEntry()), has_more: false }, 'envelope'],
  ])('of %s is none of Luma’s', async (_, body, problem) => {
    const error = await rejection(answering(typeof body === 'string' ? body : JSON.stringify(body)));
    expect(error).toBeInstanceOf(LumaContractBroken);
    expect((error as Error).message).toContain(problem);
  });

  it('of more entries than were asked for is one, up to five times', async () => {
    const { value } = await answering(
      JSON.stringify({ entries: Array(500).fill(lumaEntry()), has_more: false }),
    );
    expect(value.entries).toHaveLength(500);
  });
});

it('a calendar without a name has its id for one, and its name may be long', async () => {
  const name = '🎉'.repeat(1_000);
  const answers = [
    { id: 'cal-1', name: ' ', url: '' },
    { id: 'cal-1', name },
    { id: 'cal-1', name: `${name}x` },
  ];
  const server = await absurdServer((_, response, index) => json(response, 200, answers[index]));
  const client = createLumaApi({ baseUrl: server.url });
  expect((await client.getCalendar('secret-k')).value).toMatchObject({ id: 'cal-1', name: 'cal-1' });
  expect((await client.getCalendar('secret-k')).value.name).toBe(name);
  expect(await rejection(client.getCalendar('secret-k'))).toBeInstanceOf(LumaContractBroken);
});

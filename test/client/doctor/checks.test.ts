import { describe, expect, it, test } from 'vitest';
import { divided } from '../../../src/client/doctor/check.js';
import { checkClock } from '../../../src/client/doctor/clock.js';
import { checkProgram, isAtLeast } from '../../../src/client/doctor/program.js';

test.each([
  ['20.19.0', '20.19.0', true],
  ['20.20.1', '20.19.0', true],
  ['22.0.0', '20.19.0', true],
  ['20.18.9', '20.19.0', false],
  ['18.20.0', '20.19.0', false],
])('version %s is at least %s: %s', (version, least, is) => {
  expect(isAtLeast(version, least)).toBe(is);
});

test('a Node.js that is too old fails, the one that runs this passes', () => {
  expect(checkProgram('18.20.0')[0]).toMatchObject({ name: 'Node.js', status: 'fail' });
  expect(checkProgram().map(({ status }) => status)).toEqual(['pass', 'pass']);
});

describe('a clock', () => {
  it.each([
    [0, 'pass', /agree/],
    [-4_900, 'pass', /agree/],
    [7_000, 'warn', /7\.0 s ahead of/],
    [-3_600_000, 'fail', /60 min behind/],
    [undefined, 'warn', /not told/],
  ])('%s ms ahead: %s', (aheadMs, status, message) => {
    const check = checkClock("Luma's clock", aheadMs);
    expect(check).toMatchObject({ status });
    expect(check.message).toMatch(message);
  });
});

test('a message is divided into what is wrong, what to do, and the command', () => {
  expect(divided('it lacks X – have an operator run: temporal operator x', '')).toEqual({
    ...{ message: 'it lacks X', remedy: 'have an operator run', command: 'temporal operator x' },
  });
  expect(divided('in the way – drop it, and start again: db.events.dropIndex("by_org")', '')).toMatchObject({
    command: 'db.events.dropIndex("by_org")',
  });
  expect(divided('bad address – write it like mongodb://127.0.0.1:27017/x', '')).toEqual({
    ...{ message: 'bad address', remedy: 'write it like mongodb://127.0.0.1:27017/x' },
  });
  expect(divided('no more is known', 'look')).toEqual({ message: 'no more is known', remedy: 'look' });
});

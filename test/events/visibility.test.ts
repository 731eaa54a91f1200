import { expect, test } from 'vitest';
import { allowedVisibilities } from '../../src/events/visibility.js';

test.each([
  [undefined, ['public']],
  [null, ['public']],
  ['members-only', ['public', 'members-only']],
  [
    ['members-only', 'private'],
    ['public', 'members-only', 'private'],
  ],
  [[], ['public']],
  [['', '  '], ['public']],
  [' members-only ', ['public', 'members-only']],
  ['public', ['public']],
])('the wish %j stores %j', (wish, words) => {
  expect([...allowedVisibilities(wish)]).toEqual(words);
});

test.each([[42], [true], [{ private: true }], [[null, 7, ['private'], { $ne: '' }]]])(
  'the unusable wish %j widens nothing',
  (wish) => {
    expect([...allowedVisibilities(wish)]).toEqual(['public']);
  },
);

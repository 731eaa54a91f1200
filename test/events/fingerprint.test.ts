import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { digest, fingerprintOf, isOfEntry, saysTheSame } from '../../src/events/fingerprint.js';
import { EVENT } from './support.js';

const event = { managed: true, fields: EVENT, entry: digest('{"id":"evt-1"}') };

test('a fingerprint tells that the same is said, by the entry as it came and by its fields', () => {
  const print = fingerprintOf(event);
  expect(isOfEntry(print, event.entry)).toBe(true);
  expect(saysTheSame(print, event)).toBe(true);
  const fields = { ...EVENT, coordinates: { longitude: 3.7, latitude: 51 } };
  expect(saysTheSame(print, { ...event, fields })).toBe(false);
  const moved = { ...fields, coordinates: { longitude: 3.7, latitude: 52 } };
  expect(saysTheSame(fingerprintOf({ ...event, fields }), { ...event, fields: moved })).toBe(false);
});

test('one that was made before the mapping found more in an entry is of no entry', () => {
  const before = hash('sha256', '{"id":"evt-1"}', 'base64url').slice(0, 16);
  expect(isOfEntry(`${'x'.repeat(16)}${before}`, event.entry)).toBe(false);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffEvent } from '../../src/events/diff.js';
import { newEventFields } from '../../src/events/new-event.js';
import { NEEDED_FIELDS, observedFields, usableFields } from './support.js';

const NEEDED = {
  title: 'Lantern walk',
  startAt: new Date('2026-11-03T18:00:00Z'),
  url: 'https://luma.com/lantern',
  visibility: 'public',
};

test('what Luma does not say is filled in with what misleads nobody', () => {
  expect(newEventFields(NEEDED)).toEqual({
    fields: {
      ...NEEDED,
      timezone: 'UTC',
      isVirtual: false,
      locationKind: 'unknown',
      platform: 'luma',
      tags: [],
      source: 'api',
    },
  });
});

test.each(NEEDED_FIELDS)('without %s there is no event, and the reason names it', (field) => {
  const problems = [{ path: field, problem: 'missing' }];
  expect(newEventFields({ ...NEEDED, [field]: undefined })).toEqual({ problems });
  expect(newEventFields({ ...NEEDED, [field]: null })).toEqual({ problems });
  if (field === 'startAt') return;
  expect(newEventFields({ ...NEEDED, [field]: ' ' })).toEqual({ problems });
});

test('everything that is missing is named at once', () => {
  expect(newEventFields({})).toEqual({
    problems: NEEDED_FIELDS.map((path) => ({ path, problem: 'missing' })),
  });
});

test('null is never stored, and neither are fields that are no event fields', () => {
  const observed = { ...NEEDED, location: null, timezone: null, meetingUrl: 'https://meet.example/x' };
  const result = newEventFields(observed);
  expect(result).toHaveProperty('fields.timezone', 'UTC');
  expect(JSON.stringify(result)).not.toMatch(/null|meet/);
});

test('a new event says what was said: nothing is left to change', () => {
  fc.assert(
    fc.property(usableFields, (said) => {
      const result = newEventFields(said);
      if (!('fields' in result)) throw new Error('not usable');
      expect(diffEvent(result.fields, said)).toBeNull();
      expect(Object.values(result.fields)).not.toContain(null);
    }),
  );
});

test('there is an event or a reason, never both', () => {
  fc.assert(
    fc.property(observedFields, (said) => {
      const usable = NEEDED_FIELDS.every((field) => said[field] !== undefined && said[field] !== null);
      expect(Object.keys(newEventFields(said))).toEqual([usable ? 'fields' : 'problems']);
    }),
  );
});

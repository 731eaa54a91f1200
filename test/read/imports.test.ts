import { expect, it } from 'vitest';
import { loadedBy } from '../support/loaded-packages.js';

it('the command line loads Temporal: what is loaded is found', () => {
  expect(loadedBy('cli/main.js', { lazily: true })).toContain('@temporalio/client');
});

it('luma-sync/feeds loads a generator of iCalendar besides', () => {
  const loaded = loadedBy('feeds/index.js', { lazily: true });
  expect(loaded).toEqual(['ical-generator', 'mongodb', 'node:crypto', 'zod']);
});

it('luma-sync/read loads the MongoDB driver and zod, and nothing else', () => {
  expect(loadedBy('read/index.js', { lazily: true })).toEqual(['mongodb', 'zod']);
});

import { expect, test } from 'vitest';
import { untilWrittenMs } from '../../../src/client/watch/writing.js';
import { newProgress } from '../../../src/workflows/report.js';

const details = { ...newProgress({ orgId: 'acme' }, 's'), phase: 'details' as const };

test('of the details, the last slice is written after the last request', () => {
  const progress = { ...details, detailsAsked: 400, detailsWritten: 200, writeMs: 5 };
  expect(untilWrittenMs(progress, { left: 200, leftMs: 10_000, endedMs: 0 })).toBe(11_000);
  // It is shorter where a window of Luma's limit ends it.
  const limited = { ...progress, limit: { requests: 20 } };
  expect(untilWrittenMs(limited, { left: 200, leftMs: 10_000, endedMs: 0 })).toBe(10_100);
});

test('where writing takes longer than asking, the end is that of the writing', () => {
  const progress = { ...details, detailsAsked: 200, detailsWritten: 100, writeMs: 20 };
  expect(untilWrittenMs(progress, { left: 400, leftMs: 2_000, endedMs: 0 })).toBe(10_000);
});

test('before details are written, they take twice as long as the events of the listing did', () => {
  const progress = { ...details, detailsAsked: 100, writeMs: 5 };
  expect(untilWrittenMs(progress, { left: 0, leftMs: 0, endedMs: 400 })).toBe(600);
});

test('nothing is added while nothing is known, nor in other phases', () => {
  const asking = { left: 100, leftMs: 3_000, endedMs: 0 };
  expect(untilWrittenMs(details, asking)).toBe(3_000);
  expect(untilWrittenMs({ ...details, phase: 'listing', writeMs: 5 }, asking)).toBe(3_000);
});

import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Real servers start inside the suite: generous limits, so that a busy machine slows a test and fails none.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Each file a process of its own: the SDK keeps native state per process, and signals are per process too.
    pool: 'forks',
    // Files mostly wait for servers: more of them than a small machine has cores are run side by side.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // The totals come last.
    reporters: ['default', './test/support/totals-reporter.ts'],
  },
});

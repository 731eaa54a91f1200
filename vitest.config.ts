import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.js';

/** These replace modules. */
const ALONE = ['packages/playground/test/in-process-worker.test.ts'];

// Real servers start inside the suite: generous limits, so that a busy machine slows a test and fails none.
const limits = { testTimeout: 120_000, hookTimeout: 180_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Files mostly wait for servers: more of them than a small machine has cores are run side by side.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    // The totals come last.
    reporters: ['default', './test/support/totals-reporter.ts'],
    projects: [
      { test: { name: 'own process', include: ALONE, ...limits } },
      // Files that take turns in the same processes: to start one, and the SDK in it, costs more than most of them do.
      {
        test: {
          name: 'shared process',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: ALONE,
          isolate: false,
          ...limits,
        },
      },
    ],
  },
});

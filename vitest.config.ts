import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Real servers start inside the suite: generous limits, so that a busy machine slows a test and fails none.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    reporters: ['default'],
  },
});

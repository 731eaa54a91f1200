import { defineConfig } from 'vitest/config';

/** `npm run browser-tests`: what only a browser can show. Needs a Chromium (test/pages/support/browser.ts). */
export default defineConfig({
  test: {
    include: ['test/**/*.browser.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    fileParallelism: false,
    ...{ testTimeout: 60_000, hookTimeout: 180_000 },
  },
});

import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { defaultCacheDir, findTestServer } from '../../src/servers/index.js';

test('the time-skipping server is found, runs, and skips an hour at once', { timeout: 300_000 }, async () => {
  const { path } = await findTestServer({ cacheDir: defaultCacheDir(), env: process.env });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('1 hour');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(3_600_000);
  } finally {
    await environment.teardown();
  }
});

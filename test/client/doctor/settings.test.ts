import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSettings } from '../../../src/client/doctor/settings.js';
import { generateKeyring } from '../../../src/secrets/keyring.js';
import { tempFolder } from '../../support/temp-folder.js';

const GOOD = {
  ...{ HOME: '/nonexistent', MONGODB_URI: 'mongodb://u:canary@mongo.internal/app' },
  LUMA_SYNC_KEYRING: generateKeyring(),
};

test('settings that can be used are one line', () => {
  const { checks, settings } = checkSettings(GOOD);
  expect(checks).toEqual([{ name: 'environment', status: 'pass', message: 'every setting can be used' }]);
  expect(settings).toMatchObject({ scope: null, mongo: { db: 'app' } });
  for (const part of ['temporal', 'mongo', 'keyring', 'luma'] as const) expect(settings[part]).toBeDefined();
});

test('each one that is wrong is a line with its remedy, and the others stay of use', () => {
  const env = {
    ...{ ...GOOD, LOG_LEVEL: 'loud', LUMA_BASE_URL: 'luma.com', LUMA_SYNC_SCOPE: 'mine' },
    ...{ TEMPORAL_ADDRESS: 'http://x', LUMA_API_KEY: 'secret canary' },
  };
  const { checks, settings } = checkSettings(env);
  expect(checks.map(({ name, status }) => [name, status])).toEqual([
    ['LUMA_BASE_URL', 'fail'],
    ['LOG_LEVEL', 'fail'],
    ['TEMPORAL_ADDRESS', 'fail'],
    ['LUMA_API_KEY', 'fail'],
  ]);
  for (const { message, remedy } of checks) {
    expect(message).not.toContain(' – ');
    expect(remedy).toMatch(/\w/);
  }
  expect(settings).toMatchObject({
    temporal: undefined,
    luma: undefined,
    scope: 'mine',
    mongo: { db: 'app' },
  });
  expect(JSON.stringify(checks)).not.toContain('canary');
});

test('what is not set is said once, with the command that helps', () => {
  const { checks } = checkSettings({ HOME: '/nonexistent' });
  expect(checks.map(({ name }) => name)).toEqual(['MONGODB_URI', 'LUMA_SYNC_KEYRING']);
});

test('a key ring that others may read is a warning with the command that mends it', async () => {
  const file = join(await tempFolder(), 'ring');
  await writeFile(file, generateKeyring(), { mode: 0o644 });
  const { checks } = checkSettings({ ...GOOD, LUMA_SYNC_KEYRING: '', LUMA_SYNC_KEYRING_FILE: file });
  expect(checks).toEqual([expect.objectContaining({ status: 'warn' })]);
  expect(`${checks[0]?.remedy ?? ''} ${checks[0]?.command ?? ''}`).toContain(`chmod 600 ${file}`);
});

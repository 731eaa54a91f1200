import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findOnPath, runCommand } from '../../src/servers/command.js';
import { archive, type ArchiveRecipe } from '../../src/servers/download.js';
import { findProgram } from '../../src/servers/find.js';
import type { Recipe } from '../../src/servers/installer.js';
import { TEMPORAL } from '../../src/servers/recipes.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';
import { closedSites, firstLine, runFixture, writeProgram } from './support.js';

/** A program of an archive with this SHA-256. */
function recipeOf(sha256: string, more: Partial<ArchiveRecipe> = {}): Recipe {
  const installer = archive({
    site: 'temporal',
    archive: { path: '/v1/program.tar.gz', sha256 },
    name: 'program',
    program: (file) => ({ kind: 'temporal', file, args: [], probeArgs: ['--version'] }),
    ...more,
  });
  const onPath = { name: 'a-program-nobody-has', kind: 'temporal' } as const;
  return { id: 'fake', title: 'Fake', setting: '', onPath, installers: [installer] };
}

function sha256Of(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Everything in the cache folder but the note that a download failed. */
async function kept(cacheDir: string): Promise<string[]> {
  return (await readdir(cacheDir, { recursive: true })).sort();
}

/** A site that answers every GET with the body and status; gives its address and the paths it was asked for. */
async function site(
  body: Buffer,
  status = 200,
  headers: Record<string, string> = {},
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') asked.push(request.url ?? '');
    response.writeHead(status, headers).end(body);
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

test('an official archive is fetched, compared with its hash, unpacked and used', async () => {
  const folder = await tempFolder();
  const body = await packed(folder, 'inner', 'program', 'console.log("version 1")');
  const { url, asked } = await site(body);
  const recipe = recipeOf(sha256Of(body));
  const options = {
    cacheDir: join(folder, 'cache'),
    env: await onlyTar(folder),
    sites: { ...(await closedSites()), temporal: url },
  };

  const first = await findProgram(recipe, options);
  expect(first.source).toBe('download');
  expect(asked).toEqual(['/v1/program.tar.gz']);
  expect((await findProgram(recipe, options)).source).toBe('cache');
  expect(asked).toHaveLength(1);
});

describe('an archive that is not the expected one', () => {
  test('is refused in one line; nothing of it is unpacked, run or kept', async () => {
    const folder = await tempFolder();
    const ran = join(folder, 'ran');
    const body = await packed(
      folder,
      '.',
      'temporal',
      `require('fs').writeFileSync(${JSON.stringify(ran)}, '')`,
    );
    const { url, asked } = await site(body);
    const said: string[] = [];
    const cacheDir = join(folder, 'cache');
    const start = findProgram(TEMPORAL, {
      cacheDir,
      env: await onlyTar(folder),
      sites: { ...(await closedSites()), temporal: url },
      onProgress: (message) => said.push(message),
    });
    await expect(start).rejects.toThrow(
      new RegExp(`has the SHA-256 ${sha256Of(body)}, not the expected [0-9a-f]{64}: it is not used`),
    );
    expect(said.find((line) => line.includes('SHA-256'))).not.toContain('\n');
    expect(asked[0]).toMatch(/^\/v1\.9\.1\/temporal_cli_1\.9\.1_\w+\.tar\.gz$/);
    expect(existsSync(ran)).toBe(false);
    expect(await kept(cacheDir)).toEqual([]);
  });

  test('but holds a program with another hash than the expected is refused as well', async () => {
    const folder = await tempFolder();
    const ran = join(folder, 'ran');
    const body = await packed(
      folder,
      '.',
      'program',
      `require('fs').writeFileSync(${JSON.stringify(ran)}, '')`,
    );
    const { url } = await site(body);
    const cacheDir = join(folder, 'cache');
    const start = findProgram(recipeOf(sha256Of(body), { executableSha256: '0'.repeat(64) }), {
      cacheDir,
      env: await onlyTar(folder),
      sites: { ...(await closedSites()), temporal: url },
    });
    await expect(start).rejects.toThrow('program does not have the expected SHA-256: it is not used');
    expect(existsSync(ran)).toBe(false);
    expect(await kept(cacheDir)).toEqual([]);
  });
});

describe('a redirect', () => {
  test('to http: is not followed', async () => {
    const folder = await tempFolder();
    const body = await packed(folder, '.', 'program', '');
    const plain = await site(body);
    const { url } = await site(Buffer.from(''), 302, { location: `${plain.url}/elsewhere?token=secret` });
    const cacheDir = join(folder, 'cache');
    const start = findProgram(recipeOf(sha256Of(body)), {
      cacheDir,
      env: await onlyTar(folder),
      sites: { ...(await closedSites()), temporal: url },
    });
    await expect(start).rejects.toThrow(
      `${url}/v1/program.tar.gz redirects to ${plain.url}, which is not https: not followed`,
    );
    await expect(start).rejects.not.toThrow('secret');
    expect(plain.asked).toEqual([]);
    expect(await kept(cacheDir)).toEqual([]);
  });

  test('to https: is followed, one from there to http: is not', async () => {
    const folder = await tempFolder();
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    await runCommand('openssl', [...request, ...subject, '-keyout', key, '-out', certificate], {
      env: process.env,
      limitMs: 30_000,
    });
    await packed(folder, '.', 'program', 'console.log("version 1")');
    const child = runFixture('download-over-https.ts', [folder, key, certificate], {
      ...process.env,
      NODE_EXTRA_CA_CERTS: certificate,
    });
    expect(await firstLine(child)).toEqual({
      followed: 'download',
      refused: expect.stringMatching(
        /redirects to http:\/\/127\.0\.0\.1:\d+, which is not https: not followed/,
      ) as string,
    });
  });
});

test.each([
  ['an answer that is no archive', Buffer.from('<html>sign in first</html>'), 200, /SHA-256/],
  ['a refusal', Buffer.from(''), 403, /answered 403/],
])('%s is reported, and nothing of it is kept', async (_, body, status, reason) => {
  const folder = await tempFolder();
  const { url } = await site(body, status);
  const cacheDir = join(folder, 'cache');
  const start = findProgram(recipeOf('0'.repeat(64)), {
    cacheDir,
    env: await onlyTar(folder),
    sites: { ...(await closedSites()), temporal: url },
  });
  await expect(start).rejects.toThrow(reason);
  expect(await kept(cacheDir)).toEqual([]);
});

test.each([
  ['older', 'glibc 2.36', /needs the GNU C library 2\.39 or newer; here it is 2\.36/],
  ['another', '', /needs the GNU C library 2\.39 or newer; none of a known version is here/],
])('a program is not downloaded for a machine with %s C library', async (_, version, reason) => {
  const folder = await tempFolder();
  const env = await onlyTar(folder);
  await writeProgram(join(folder, 'bin', 'getconf'), `console.log(${JSON.stringify(version)})`);
  const { url, asked } = await site(Buffer.from(''));
  const start = findProgram(recipeOf('0'.repeat(64), { glibc: { major: 2, minor: 39 } }), {
    cacheDir: join(folder, 'cache'),
    env,
    sites: { ...(await closedSites()), temporal: url },
  });
  await expect(start).rejects.toThrow(reason);
  expect(asked).toEqual([]);
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
  const start = findProgram(recipeOf('0'.repeat(64)), {
    cacheDir: join(folder, 'cache'),
    env: { PATH: '' },
    sites: { ...(await closedSites()), temporal: url },
  });
  await expect(start).rejects.toThrow(`${url} cannot be reached`);
});

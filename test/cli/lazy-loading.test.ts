import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Packages that are loaded with a module, by its static imports and those of what it imports; not `node:`. */
function packagesOf(entry: string): Set<string> {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const follow = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [statement, from = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (/^(?:import|export) type\b/.test(statement) || from.startsWith('node:')) continue;
      if (from.startsWith('.')) follow(resolve(dirname(file), from.replace(/\.js$/, '.ts')));
      else packages.add(from);
    }
  };
  follow(resolve(SRC, entry));
  return packages;
}

const IMPORT = /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)';/gm;

test('help, the version and usage errors come without what talks to Temporal, MongoDB and Luma', () => {
  const loaded = new Set([...packagesOf('cli/program.ts'), ...packagesOf('cli/run.ts')]);
  expect([...loaded].toSorted()).toEqual(['@temporalio/envconfig', 'commander', 'string-width', 'zod']);
});

test('a command that does not ask Luma loads nothing that reads its answers', () => {
  const loaded = packagesOf('client/connect.ts');
  expect([...loaded].toSorted()).toEqual(['@temporalio/client', 'mongodb', 'p-limit', 'zod']);
});

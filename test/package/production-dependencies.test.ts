import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  hasInstallScript?: true;
}

const { packages } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as {
  packages: Record<string, LockedPackage>;
};

/** Where Node finds a package from `path`; `undefined` for an optional one that is not locked. */
function resolve(path: string, name: string): string | undefined {
  for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
    const found = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (found in packages) return found;
    if (from === '') return undefined;
  }
}

/** What installing luma-sync brings along. */
function installed(): string[] {
  const found = new Set(['']);
  for (const path of found) {
    const { dependencies, optionalDependencies, peerDependencies } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const dependency = resolve(path, name);
      if (dependency !== undefined) found.add(dependency);
    }
  }
  found.delete('');
  return [...found];
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

test('installing luma-sync brings nothing that is for its development', () => {
  const names = installed().map(nameOf);
  expect(names.length).toBeGreaterThan(50);
  const workspaces = ['fake-luma', 'playground'].flatMap((name) => [
    name,
    ...Object.keys(packages[`packages/${name}`]?.dependencies ?? {}),
    ...Object.keys(packages[`packages/${name}`]?.devDependencies ?? {}),
  ]);
  const own = Object.keys(packages['']?.dependencies ?? {});
  const development = [...workspaces, ...Object.keys(packages['']?.devDependencies ?? {})];
  // Types are no code; a dependency asks for these.
  const unwanted = development.filter((name) => !own.includes(name) && name !== '@types/node');
  expect(unwanted).toContain('@temporalio/testing');
  expect(names.filter((name) => unwanted.includes(name))).toEqual([]);
});

test('no dependency but two of Temporal’s SDK has a script for its installation, where programs can be downloaded', () => {
  const scripts = installed().filter((path) => packages[path]?.hasInstallScript === true);
  // Both work without it: `allowScripts` in package.json keeps them from running here.
  expect([...new Set(scripts.map(nameOf))].toSorted()).toEqual(['@swc/core', 'protobufjs']);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  integrity?: string;
  resolved?: string;
  link?: boolean;
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const fromRegistry = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);

test('every package has an integrity hash that npm ci checks', () => {
  const unchecked = fromRegistry.filter(([, { integrity }]) => !/^sha(512|384|256)-/.test(integrity ?? ''));
  expect(fromRegistry.length).toBeGreaterThan(100);
  expect(unchecked.map(([path]) => path)).toEqual([]);
});

test('no package is fetched from an address of its own', () => {
  expect(fromRegistry.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

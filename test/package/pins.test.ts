import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as { packages: Record<string, LockedPackage> };
const paths = Object.keys(packages);

test('all packages of Temporal have one version', () => {
  const temporal = paths.filter((path) => /(^|\/)node_modules\/@temporalio\/[^/]+$/.test(path));
  expect(temporal.length).toBeGreaterThan(5);
  expect(new Set(temporal.map((path) => packages[path]?.version)).size).toBe(1);
});

test('Temporal’s packages share one protobufjs: message types of one copy are none for another', () => {
  const copies = paths.filter((path) => path.endsWith('node_modules/protobufjs'));
  // gRPC's loader has an older one of its own, and hands no message on.
  expect(copies.toSorted()).toEqual([
    'node_modules/@grpc/proto-loader/node_modules/protobufjs',
    'node_modules/protobufjs',
  ]);
});

test('the lockfile has every platform’s package: npm ci fails everywhere where one is missing', () => {
  const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ path, name })),
  );
  const missing = wanted.filter(({ name }) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));
  expect(wanted.map(({ name }) => name)).toContain('@swc/core-darwin-arm64');
  expect(missing).toEqual([]);
});

import { expect, test } from 'vitest';
import { loadedBy } from '../support/loaded-packages.js';

/** Packages that come with a module, built-ins aside. */
const packagesOf = (entry: string) =>
  loadedBy(entry, { lazily: false }).filter((name) => !name.startsWith('node:'));

test('help, the version and usage errors come without what talks to Temporal, MongoDB and Luma', () => {
  const loaded = new Set([...packagesOf('cli/program.js'), ...packagesOf('cli/run.js')]);
  expect([...loaded].toSorted()).toEqual(['@temporalio/envconfig', 'commander', 'string-width', 'zod']);
});

test('a command that does not ask Luma loads nothing that reads its answers', () => {
  const loaded = packagesOf('client/connect.js');
  expect(loaded).toEqual(['@temporalio/client', 'mongodb', 'p-limit', 'zod']);
});

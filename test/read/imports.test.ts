import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Every package and built-in that a built module loads, itself or by what it imports. */
function loadedBy(entry: string): string[] {
  if (!existsSync(join(dist, entry)))
    throw new Error(`dist/${entry} is not there: run \`npm run build\` first`);
  const files = new Set([join(dist, entry)]);
  const packages = new Set<string>();
  for (const file of files) {
    const code = readFileSync(file, 'utf8');
    const imports = code.matchAll(
      /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
    );
    for (const [, from, plain, dynamic] of imports) {
      const target = from ?? plain ?? dynamic ?? '';
      if (target.startsWith('.')) files.add(join(dirname(file), target));
      else packages.add(target);
    }
  }
  return [...packages].sort();
}

it('the command line loads Temporal: what is loaded is found', () => {
  expect(loadedBy('cli/main.js')).toContain('@temporalio/client');
});

it('luma-sync/feeds loads a generator of iCalendar besides', () => {
  expect(loadedBy('feeds/index.js')).toEqual(['ical-generator', 'mongodb', 'node:crypto', 'zod']);
});

it('luma-sync/read loads the MongoDB driver and zod, and nothing else', () => {
  expect(loadedBy('read/index.js')).toEqual(['mongodb', 'zod']);
});

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const STATIC = String.raw`^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'`;
const ANY = String.raw`${STATIC}|\bimport\('([^']+)'\)`;

/**
 * Every package and built-in that a built module loads, itself or by what it imports.
 * @param lazily what is imported only when it is needed too
 */
export function loadedBy(entry: string, { lazily }: { lazily: boolean }): string[] {
  if (!existsSync(join(dist, entry)))
    throw new Error(`dist/${entry} is not there: run \`npm run build\` first`);
  const files = new Set([join(dist, entry)]);
  const packages = new Set<string>();
  for (const file of files) {
    const imports = readFileSync(file, 'utf8').matchAll(new RegExp(lazily ? ANY : STATIC, 'gm'));
    for (const [, from, plain, dynamic] of imports) {
      const target = from ?? plain ?? dynamic ?? '';
      if (target.startsWith('.')) files.add(join(dirname(file), target));
      else packages.add(target);
    }
  }
  return [...packages].sort();
}

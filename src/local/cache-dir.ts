import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `.cache/servers` in the project this file belongs to, whether it runs from src/ or dist/; below `cwd` where the
 * package is installed as somebody's dependency, since an install of theirs would wipe it.
 */
export function defaultCacheDir(cwd: string = process.cwd()): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const inDependency = here.split(/[\\/]/).includes('node_modules');
  return join(inDependency ? cwd : packageRoot(here, cwd), '.cache', 'servers');
}

function packageRoot(from: string, otherwise: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return otherwise;
  }
}

import { fileURLToPath } from 'node:url';

/** `.cache/servers` in the repository. */
export function defaultCacheDir(): string {
  return fileURLToPath(new URL('../../../../.cache/servers', import.meta.url));
}

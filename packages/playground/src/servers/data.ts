import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardJob } from './guard-program.js';

export interface DataPlace {
  folder: string;
  /** What the guard has to know about it. */
  job: Pick<GuardJob, 'tempDir' | 'lockFile' | 'logFile' | 'graceMs'>;
}

/**
 * A folder of the server's own: below `dataDir`, kept, for one server at a time; or a temporary one, which the
 * guard makes and removes, and for which no server is given long to write it out.
 */
export function dataPlace(name: string, dataDir: string | undefined): DataPlace {
  if (dataDir !== undefined) {
    const folder = join(dataDir, name);
    const lockFile = join(folder, 'guard.pid');
    return { folder, job: { tempDir: '', lockFile, logFile: join(folder, 'server.log'), graceMs: 20_000 } };
  }
  const folder = join(tmpdir(), `luma-sync-${name}-${randomUUID()}`);
  return {
    folder,
    job: { tempDir: folder, lockFile: '', logFile: join(folder, 'server.log'), graceMs: 500 },
  };
}

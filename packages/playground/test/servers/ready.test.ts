import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LocalServerFailed } from '../../src/servers/errors.js';
import { startGuarded } from '../../src/servers/guarded.js';
import { freePort } from '../../src/servers/ports.js';
import { type Launch, launchUntilReady } from '../../src/servers/ready.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';

/** Launches Node with each of the sources in turn (the last one again and again); `PORT` in them is a free port. */
async function launches(
  ...sources: string[]
): Promise<{ launch: () => Promise<Launch>; count: () => number }> {
  const folder = await tempFolder();
  let count = 0;
  return {
    count: () => count,
    async launch() {
      const port = await freePort();
      const source = sources[Math.min(count, sources.length - 1)] ?? '';
      const tempDir = join(folder, String(count++));
      const server = startGuarded(
        {
          file: process.execPath,
          args: ['-e', source.replace('PORT', String(port))],
          tempDir,
          folders: [],
          emptyFiles: [],
          lockFile: '',
          logFile: join(tempDir, 'server.log'),
          graceMs: 500,
        },
        process.env,
      );
      return { server, port };
    },
  };
}

const LISTENS = `require('net').createServer().listen(PORT, '127.0.0.1')`;
const CONFLICT = `console.error('listen tcp: bind: address already in use'); process.exit(1)`;
const answers = (): Promise<void> => Promise.resolve();

test('a port that was taken meanwhile is answered by another launch', async () => {
  const { launch, count } = await launches(CONFLICT, LISTENS);
  const { server } = await launchUntilReady('It', launch, answers);
  await server.stop();
  expect(count()).toBe(2);
});

test('ports that are taken every time end in an error', async () => {
  const { launch, count } = await launches(CONFLICT);
  await expect(launchUntilReady('It', launch, answers)).rejects.toThrow(LocalServerFailed);
  expect(count()).toBe(3);
});

test('any other early end is not tried again', async () => {
  const { launch, count } = await launches(`console.error('no such flag'); process.exit(2)`);
  await expect(launchUntilReady('It', launch, answers)).rejects.toThrow(
    /It ended \(exit code 2\)[^]*no such flag/,
  );
  expect(count()).toBe(1);
});

test('a server is ready when it answers, not when its port is open', async () => {
  const { launch } = await launches(LISTENS);
  let asked = 0;
  const { server } = await launchUntilReady('It', launch, () =>
    ++asked < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(),
  );
  await server.stop();
  expect(asked).toBe(3);
});

test('a program that cannot be executed is reported', async () => {
  const folder = await tempFolder();
  const launch = async (): Promise<Launch> => ({
    port: await freePort(),
    server: startGuarded(
      {
        file: join(folder, 'nothing'),
        args: [],
        tempDir: '',
        folders: [],
        emptyFiles: [],
        lockFile: '',
        logFile: join(folder, 'server.log'),
        graceMs: 500,
      },
      process.env,
    ),
  });
  await expect(launchUntilReady('It', launch, answers)).rejects.toThrow(
    /It ended before it was ready[^]*ENOENT/,
  );
});

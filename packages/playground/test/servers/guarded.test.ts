import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startGuarded } from '../../src/servers/guarded.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';
import { isAlive, untilGone } from './support.js';

/** Runs the source with Node under a guard, and gives what it wrote to `./said` (JSON) once it did. */
async function guarded(
  source: string,
  { graceMs = 10_000, env = {} }: { graceMs?: number; env?: NodeJS.ProcessEnv } = {},
) {
  const folder = join(await tempFolder(), 'data');
  const server = startGuarded(
    {
      file: process.execPath,
      args: ['-e', source],
      tempDir: folder,
      folders: [],
      emptyFiles: [],
      lockFile: '',
      logFile: join(folder, 'server.log'),
      graceMs,
    },
    env,
  );
  const said = await vi.waitFor(
    async () => JSON.parse(await readFile(join(folder, 'said'), 'utf8')) as Record<string, unknown>,
    { timeout: 30_000, interval: 20 },
  );
  return { folder, server, said };
}

const WRITE = `const say = (value) => require('fs').writeFileSync('said', JSON.stringify(value));`;

test('a server that ignores SIGTERM is killed after the grace period, with the processes it forked', async () => {
  const { server, said, folder } = await guarded(
    `${WRITE}
     process.on('SIGTERM', () => {});
     const child = require('child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
     say({ child: child.pid });
     setInterval(() => {}, 1000);`,
    { graceMs: 50 },
  );
  const pid = await server.pid;
  await server.stop();
  expect(isAlive(pid ?? 0)).toBe(false);
  await untilGone(Number(said.child));
  expect((await server.ended).signal).toBe('SIGKILL');
  expect(existsSync(folder)).toBe(false);
});

test('a server may end in its own way on SIGTERM', async () => {
  const { server } = await guarded(
    `${WRITE} process.on('SIGTERM', () => { console.log('all written'); process.exit(0); });
     say({}); setInterval(() => {}, 1000);`,
  );
  await server.stop();
  expect(await server.ended).toEqual({ code: 0, signal: null, logTail: 'all written\n' });
});

test('what a crashed server had forked is ended too', async () => {
  const { server, said } = await guarded(
    `${WRITE}
     const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
     say({ child: child.pid });
     setInterval(() => {}, 1000);`,
  );
  process.kill((await server.pid) ?? 0, 'SIGKILL');
  expect((await server.ended).signal).toBe('SIGKILL');
  await untilGone(Number(said.child));
});

test('a server whose guard is killed is ended, and its data removed, by the program that started it', async () => {
  const { server, said, folder } = await guarded(
    `${WRITE} say({ guard: process.ppid }); setInterval(() => {}, 1000);`,
  );
  const pid = await server.pid;
  process.kill(Number(said.guard), 'SIGKILL');
  await server.ended;
  await untilGone(pid ?? 0);
  expect(existsSync(folder)).toBe(false);
});

test('no setting or key of this project reaches a server', async () => {
  const { server, said } = await guarded(`${WRITE} say(process.env); setInterval(() => {}, 1000);`, {
    env: {
      PATH: process.env.PATH,
      LUMA_API_KEY: 'secret',
      LUMA_SYNC_KEYRING: 'secret',
      MONGODB_URI: 'secret',
      TEMPORAL_API_KEY: 'secret',
    },
  });
  await server.stop();
  expect(said.PATH).toBe(process.env.PATH);
  expect(JSON.stringify(said)).not.toContain('secret');
});

import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from '../../packages/playground/src/servers/find.js';
import { defaultCacheDir } from '../../packages/playground/src/servers/index.js';
import { MONGO } from '../../packages/playground/src/servers/recipes.js';
import { generateKeyring } from '../../src/secrets/keyring.js';
import { connectStore, requireTransactions, type Store, TransactionsMissing } from '../../src/mongo/store.js';
import { cli } from '../cli/support/run.js';
import { mongoUri } from '../support/servers.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A MongoDB that is no replica set. */
async function standalone(): Promise<string> {
  const { file, args, kind } = await findProgram(MONGO, { cacheDir: defaultCacheDir(), env: process.env });
  const [dir, port] = [await mkdtemp(join(tmpdir(), 'luma-sync-standalone-')), await freePort()];
  const own =
    kind === 'mongod'
      ? ['--dbpath', dir, '--bind_ip', '127.0.0.1', '--port', String(port), '--quiet']
      : [
          '--host',
          '127.0.0.1',
          '--port',
          String(port),
          '--storage-path',
          dir,
          '--standalone',
          '--cache-size',
          '64M',
        ];
  const child = spawn(file, [...args, ...own], { stdio: 'ignore', cwd: dir });
  onTestFinished(async () => {
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
    await rm(dir, { recursive: true, force: true });
  });
  return `mongodb://127.0.0.1:${port}/app`;
}

async function connected(uri: string): Promise<Store> {
  const store = await connectStore({ uri, db: 'app', connectTimeoutMs: 20_000 });
  onTestFinished(() => store.close());
  return store;
}

test(
  'a single server is refused with what to do, and a worker does not start on it',
  { timeout: 60_000 },
  async () => {
    const uri = await standalone();
    const { db } = await connected(uri);
    await expect(requireTransactions(db)).rejects.toThrow(TransactionsMissing);
    const worker = await cli(['worker'], { env: { MONGODB_URI: uri, LUMA_SYNC_KEYRING: generateKeyring() } });
    expect(worker.code).toBe(1);
    expect(worker.stderr).toMatch(
      /^error: this MongoDB is a single server, .*--replSet rs0.*rs\.initiate\(\)\n$/,
    );
  },
);

test('a replica set is accepted, and so is a sharded cluster; one that was not initiated is told from both', async () => {
  await requireTransactions((await connected(mongoUri())).db);
  const saying = (hello: object) => ({ command: () => Promise.resolve(hello) }) as unknown as Db;
  await requireTransactions(saying({ msg: 'isdbgrid' }));
  await expect(requireTransactions(saying({ isreplicaset: true }))).rejects.toThrow(
    /waits to become a replica set/,
  );
});

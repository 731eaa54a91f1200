import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { describe, expect, test, vi } from 'vitest';
import {
  defaultCacheDir,
  LocalServerFailed,
  startLocalServers,
  startMongo,
  startTemporal,
} from '../../src/servers/index.js';
import { tempFolder } from '../../../../test/support/temp-folder.js';
import { firstLine, isAlive, runFixture, untilGone, writeProgram, envWithPath } from './support.js';

const options = { cacheDir: defaultCacheDir(), env: process.env };

async function insertAndCount(uri: string): Promise<number> {
  const client = new MongoClient(uri);
  try {
    const things = client.db('kept').collection('things');
    await things.insertOne({});
    return await things.countDocuments();
  } finally {
    await client.close();
  }
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('both servers', () => {
  test('answer once started, and are gone once stopped', async () => {
    const servers = await startLocalServers({ ...options, temporal: { ui: true } });
    const { temporal, mongo } = servers;

    expect(await insertAndCount(mongo.uri)).toBe(1);
    const handle = await withClient(temporal.address, (client) =>
      client.workflow.start('Nobody', { taskQueue: 'nobody', workflowId: 'waiting' }),
    );
    expect(handle.workflowId).toBe('waiting');
    const page = await fetch(temporal.uiUrl ?? '');
    expect(page.status).toBe(200);

    const pids = [temporal.pid ?? 0, mongo.pid ?? 0];
    expect(pids.map(isAlive)).toEqual([true, true]);
    await servers.stop();
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test.each([
    ['is killed with SIGKILL', 'SIGKILL', 'wait'],
    ['is interrupted by Ctrl-C', 'SIGINT', 'wait'],
    ['exits without stopping them', undefined, 'exit'],
  ] as const)('are gone with their data when the program that started them %s', async (_, signal, mode) => {
    const temp = await tempFolder();
    const parent = runFixture('start-and-wait.ts', [mode], { ...process.env, TMPDIR: temp });
    const { pids } = (await firstLine(parent)) as { pids: number[] };
    expect(pids).toHaveLength(2);
    if (signal !== undefined) parent.kill(signal);
    await Promise.all(pids.map(untilGone));
    await vi.waitFor(
      async () => {
        const left = (await readdir(temp)).filter((name) => name.startsWith('luma-sync-'));
        expect(left).toEqual([]);
      },
      { timeout: 30_000, interval: 20 },
    );
  });

  test('of somebody else are used as they are, and left alone', async () => {
    const servers = await startLocalServers({
      cacheDir: '/nowhere',
      env: {},
      temporal: { address: 'temporal.example:7233' },
      mongo: { uri: 'mongodb://db.example' },
    });
    expect(servers.temporal).toMatchObject({ address: 'temporal.example:7233', source: 'external' });
    expect(servers.mongo).toMatchObject({ uri: 'mongodb://db.example', source: 'external' });
    await servers.stop();
  });
});

describe('data', () => {
  test('is kept on request, refused to a second server meanwhile, and found again on another port', async () => {
    const dataDir = await tempFolder();
    const first = await startLocalServers({ ...options, dataDir });
    await expect(startTemporal({ ...options, dataDir })).rejects.toThrow(/is in use by process \d+/);
    expect(await insertAndCount(first.mongo.uri)).toBe(1);
    await withClient(first.temporal.address, (client) =>
      client.workflow.start('Nobody', { taskQueue: 'nobody', workflowId: 'waiting' }),
    );
    await first.stop();

    const second = await startLocalServers({ ...options, dataDir });
    expect(await insertAndCount(second.mongo.uri)).toBe(2);
    const state = await withClient(second.temporal.address, (client) =>
      client.workflow.getHandle('waiting').describe(),
    );
    expect(state.status.name).toBe('RUNNING');
    await second.stop();
  });
});

describe('a server', () => {
  test('gets a free port where the wanted one is taken, and the wanted one where it is free', async () => {
    const first = await startMongo(options);
    const port = Number(new URL(first.uri).port);
    const second = await startMongo({ ...options, port });
    expect(second.uri).not.toBe(first.uri);
    await Promise.all([first.stop(), second.stop()]);
    const third = await startMongo({ ...options, port });
    expect(third.uri).toBe(first.uri);
    await third.stop();
  });

  test('that ends early is reported at once, with the end of its own log', async () => {
    const folder = await tempFolder();
    await writeProgram(
      join(folder, 'temporal'),
      `if (process.argv[2] === 'server') { console.error('the disk is on fire'); process.exit(3); }`,
    );
    const start = startTemporal({ cacheDir: join(folder, 'cache'), env: envWithPath(folder) });
    await expect(start).rejects.toThrow(LocalServerFailed);
    await expect(start).rejects.toThrow(/\(exit code 3\)[^]*the disk is on fire/);
  });
});

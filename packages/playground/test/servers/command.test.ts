import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/servers/command.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luma-sync-command-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (script: string, limitMs = 30_000) =>
  runCommand('sh', ['-c', script], { env: process.env, limitMs });

describe('a command', () => {
  test('gives what it printed', async () => {
    expect(await run('echo said')).toBe('said\n');
  });

  test('that fails says why: the end of its errors, or its exit code', async () => {
    await expect(run('echo why >&2; exit 3')).rejects.toThrow(/^why$/);
    await expect(run('exit 3')).rejects.toThrow('ended with 3');
    await expect(runCommand('/nowhere', [], { env: {}, limitMs: 1_000 })).rejects.toThrow('ENOENT');
  });

  test('that is killed at its limit is over only when what it started has ended too', async () => {
    // The inner shell outlives the outer one, and writes a moment later.
    const inner = `sleep 1; touch '${join(folder, 'late')}'`;
    await expect(run(`sh -c "${inner}"; true`, 200)).rejects.toThrow('gave no result within 0.2 s');
    expect(await readdir(folder)).toEqual(['late']);
  });
});

import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DEMO_CALENDARS } from '../../src/demo-organizations.js';
import { isListening } from '../../src/servers/ports.js';
import type { Executable } from '../../../../test/e2e/support/executable.js';
import { descendants } from '../../../../test/e2e/support/processes.js';
import { isAlive } from '../servers/support.js';
import { startPlayground } from './start-playground.js';

const LIMIT_MS = 120_000;
/** The folder for temporary files in which tsx keeps what it has compiled. */
const COMPILED = `tsx-${process.geteuid?.() ?? userInfo().username}`;

/** The demo with a folder for temporary files of its own. */
async function startDemo(args: readonly string[] = []): Promise<{ demo: Executable; temp: string }> {
  const temp = await mkdtemp(join(tmpdir(), 'luma-sync-test-'));
  onTestFinished(() => rm(temp, { recursive: true, force: true }));
  // Shared, so that not every demo compiles the same again.
  await mkdir(join(tmpdir(), COMPILED), { recursive: true });
  await symlink(join(tmpdir(), COMPILED), join(temp, COMPILED), 'junction');
  return { demo: startPlayground(['demo', ...args], { TMPDIR: temp }), temp };
}

/** Everything it started, once all of that is up. */
async function startedBy(demo: Executable): Promise<number[]> {
  await demo.saw('Triggering it now');
  const pids = await descendants(demo.pid);
  // Two servers, each under a guard.
  expect(pids.length).toBeGreaterThanOrEqual(4);
  return pids;
}

async function expectNothingLeft(temp: string, pids: readonly number[], stderr: string): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000, interval: 20 });
  // Where it was interrupted while a server started, the server's guard tidies up behind it.
  const left = async () => (await readdir(temp)).filter((name) => name !== COMPILED);
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 30_000, interval: 50 });
  const ports = [...stderr.matchAll(/ready at 127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(await Promise.all(ports.map(isListening))).toEqual(ports.map(() => false));
}

test(
  'the demo shows a pause, names the rejected key, ends with a table and leaves nothing running',
  { timeout: LIMIT_MS },
  async () => {
    const { demo, temp } = await startDemo();
    const pids = await startedBy(demo);
    const { code, stdout, stderr } = await demo.ended;

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^START +EVENT +WHERE +ORGANIZATION +LINK$/m);
    expect(stdout.match(/^\w{3} \d{4}-\d{2}-\d{2} .*(luma\.com|example\.org)\/\S+$/gm)).toHaveLength(12);
    expect(stdout).toMatch(/^compiler .* ok /m);
    expect(stdout).toMatch(/^harbour .* ok /m);
    expect(stdout).toMatch(/^night .* failed .*LumaKeyRejected: .*401/m);
    expect(stdout).toMatch(/^The schedule's next run: \d{4}-\d{2}-\d{2} 07:00 UTC$/m);
    expect(stdout).toMatch(/Now try: npm run dev$/m);
    expect(stdout).toMatch(/^Done in [\d.]+ s: /m);
    expect(stderr).toMatch(/Café Compiler ☕: paused until .*Luma asks for a pause/);
    for (const { key } of DEMO_CALENDARS) expect(stdout + stderr).not.toContain(key);
    await expectNothingLeft(temp, pids, stderr);
  },
);

test('with --json the demo prints one document', { timeout: LIMIT_MS }, async () => {
  const { demo } = await startDemo(['--json']);
  const { code, stdout } = await demo.ended;

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    result: { status: 'partial', orgs: { total: 3, completed: 2, failed: 1, alreadySyncing: 0 } },
    nextRun: expect.stringMatching(/T07:00:00/) as string,
  });
});

test('Ctrl-C in the middle of the sync ends everything', { timeout: LIMIT_MS }, async () => {
  const { demo, temp } = await startDemo();
  const pids = await startedBy(demo);
  await demo.saw('paused until');
  demo.kill('SIGINT');
  const { code, stdout, stderr } = await demo.ended;

  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toContain('Stopping');
  await expectNothingLeft(temp, pids, stderr);
});

test('Ctrl-C while the servers start ends what comes up after it', { timeout: LIMIT_MS }, async () => {
  const { demo, temp } = await startDemo();
  await demo.saw('Starting the servers');
  demo.kill('SIGINT');
  const { code, stdout, stderr } = await demo.ended;

  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).not.toContain('Triggering');
  await expectNothingLeft(temp, [], stderr);
});

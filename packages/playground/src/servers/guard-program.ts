/**
 * The guard of one server: a process of its own that ends the server, and all the server started, as soon as the
 * pipe on its stdin closes. The pipe closes however its other end dies, so not even SIGKILL of the program that
 * wanted the server leaves the server behind.
 *
 * Kept as text and run with `node -e`: the same from src/ under a TypeScript loader and from dist/.
 *
 * argv: one JSON object, `GuardJob`. stdout: one JSON object a line, `{pid}` and then `{code, signal, logTail}`.
 */
export const GUARD_PROGRAM = `
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const job = JSON.parse(process.argv[1]);
const windows = process.platform === 'win32';
const say = (message) => {
  try { fs.writeSync(1, JSON.stringify(message) + '\\n'); } catch {}
};

const isAlive = (pid) => {
  try { process.kill(pid, 0); return true; } catch (error) { return error.code === 'EPERM'; }
};

const takeLock = (file) => {
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(fs.readFileSync(file, 'utf8'));
    if (isAlive(holder)) {
      const logTail = 'the data in ' + path.dirname(file) + ' is in use by process ' + holder;
      say({ code: null, signal: null, logTail });
      process.exit(0);
    }
    fs.rmSync(file, { force: true });
  }
};

if (job.tempDir) fs.mkdirSync(job.tempDir, { recursive: true, mode: 0o700 });
for (const folder of job.folders) fs.mkdirSync(folder, { recursive: true });
if (job.lockFile) takeLock(job.lockFile);
for (const file of job.emptyFiles) fs.writeFileSync(file, '');
const log = fs.openSync(job.logFile, 'w+');
const server = spawn(job.file, job.args, {
  cwd: path.dirname(job.logFile),
  detached: !windows,
  windowsHide: true,
  stdio: ['ignore', log, log],
});

const kill = (signal) => {
  if (server.pid === undefined) return;
  if (windows) return void spawnSync('taskkill', ['/pid', String(server.pid), '/T', '/F']);
  try { process.kill(-server.pid, signal); } catch {}
};

let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  kill('SIGTERM');
  setTimeout(kill, job.graceMs, 'SIGKILL');
};

const finish = (code, signal, extra) => {
  if (!windows) kill('SIGKILL');
  const size = fs.fstatSync(log).size;
  const tail = Buffer.alloc(Math.min(size, 4096));
  fs.readSync(log, tail, 0, tail.length, size - tail.length);
  say({ code, signal, logTail: tail.toString() + extra });
  try {
    if (job.lockFile) fs.rmSync(job.lockFile, { force: true });
    if (job.tempDir) fs.rmSync(job.tempDir, { recursive: true, force: true, maxRetries: 5 });
  } catch {}
  process.exit(0);
};

server.on('error', (error) => {
  if (server.pid === undefined) finish(null, null, error.message);
});
server.on('exit', (code, signal) => finish(code, signal, ''));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end);
process.stdout.on('error', () => {});
process.stdin.on('end', end).on('error', end).resume();
if (server.pid !== undefined) say({ pid: server.pid });
`;

export interface GuardJob {
  file: string;
  args: string[];
  /** Made at the start, removed at the end. Empty: none. */
  tempDir: string;
  /** Made at the start, kept. */
  folders: string[];
  /** Made, or emptied, at the start. */
  emptyFiles: string[];
  /** Keeps a second server away from the same data. Empty: none. */
  lockFile: string;
  /** Written anew; the server runs in its folder. */
  logFile: string;
  /** Between SIGTERM and SIGKILL. */
  graceMs: number;
}

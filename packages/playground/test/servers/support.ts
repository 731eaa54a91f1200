import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import { freePort } from '../../src/servers/ports.js';
import type { DownloadSites } from '../../src/servers/versions.js';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Runs a file of ./fixtures in a Node process of its own, which does not outlive the test. */
export function runFixture(name: string, args: string[], env = process.env): ChildProcess {
  const file = fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', tsx, file, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The first line a fixture prints, as JSON. Fails where it ends without one. */
export function firstLine(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
    });
    child.once('close', () => reject(new Error('the fixture ended without a line')));
  });
}

export async function output(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  return text;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isAlive(pid), `process ${pid} is still there`).toBe(false), {
    timeout: 30_000,
    interval: 20,
  });
}

/** Sites that refuse every connection, at once. */
export async function closedSites(): Promise<DownloadSites> {
  const site = `http://127.0.0.1:${await freePort()}`;
  return { temporal: site, mongodb: site };
}

/** An executable script for Node, in a folder that can be put on PATH. */
export async function writeProgram(file: string, source: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!${process.execPath}\n${source}`);
  await chmod(file, 0o755);
  return file;
}

/** The run's own environment with another PATH. */
export function envWithPath(...folders: string[]): NodeJS.ProcessEnv {
  return { ...process.env, PATH: folders.join(delimiter) };
}

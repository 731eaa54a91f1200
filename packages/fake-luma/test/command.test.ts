import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { CalendarSummary } from '../src/index.js';
import { fakeLuma } from './support/ask.js';

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

interface Run {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  ended: Promise<number | null>;
  /** Resolves when stdout holds the text. */
  printed: (text: string) => Promise<void>;
}

function run(...options: string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...options], { stdio: 'pipe' });
  running.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const printed = async (text: string): Promise<void> => {
    while (!output.stdout.includes(text)) {
      const more = once(child.stdout, 'data').then(() => true);
      const over = ended.then(() => false);
      if (!(await Promise.race([more, over])) && !output.stdout.includes(text)) {
        throw new Error(`ended without printing ${text}: ${output.stderr}`);
      }
    }
  };
  return { child, output, ended, printed };
}

describe('fake-luma', () => {
  test('--json says in its first line where it listens and which keys open what; SIGTERM ends it with 0', async () => {
    const { child, output, ended, printed } = run(
      '--calendars',
      '2',
      '--events',
      '25',
      '--limit',
      '9',
      '--json',
    );
    await printed('\n');
    const line = JSON.parse(output.stdout.split('\n')[0] ?? '') as {
      url: string;
      calendars: CalendarSummary[];
    };
    expect(line.calendars.map(({ events }) => events)).toEqual([25, 25]);
    const response = await fetch(`${line.url}/v1/calendars/get`, {
      headers: { 'x-luma-api-key': line.calendars[1]?.key ?? '' },
    });
    expect(await response.json()).toMatchObject({ id: line.calendars[1]?.id });
    expect(response.headers.get('x-ratelimit-limit')).toBe('9');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('without --json it shows a table and a request to paste; Ctrl-C ends it with 0', async () => {
    const { child, output, ended, printed } = run('--events', '3', '--seed', '5');
    await printed('pagination_limit=2');
    expect(output.stdout).toMatch(/KEY .*CALENDAR/);
    expect(output.stdout).toMatch(/curl -H 'x-luma-api-key: secret-\w+' 'http:\/\/127\.0\.0\.1:\d+\/v1\//);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  test('a port that is taken is said with what to do', async () => {
    const { fake } = await fakeLuma();
    const { output, ended } = run('--port', new URL(fake.url).port);
    expect(await ended).toBe(1);
    expect(output.stderr).toContain('choose another with --port');
  });

  test.each([
    ['--limit', '0'],
    ['--port', '99999'],
    ['--latency-ms', 'slow'],
    ['--webhook-loss', '101'],
  ])('%s %s is refused with the range', async (option, value) => {
    const { output, ended } = run(option, value);
    expect(await ended).toBe(2);
    expect(output.stderr).toMatch(new RegExp(`${option}.*Write a whole number from`));
  });
});

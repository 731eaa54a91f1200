import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

beforeAll(() => {
  if (!existsSync(`${folder}dist`)) throw new Error('dist/ is not there: run `npm run build` first');
});

/** Runs Node in the package's folder, and SIGTERMs it when it has written its first line. */
async function firstLine(...args: string[]): Promise<unknown> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  return JSON.parse(await text(child.stdout));
}

const summary = expect.objectContaining({
  id: expect.stringMatching(/^cal-/) as string,
  events: 3,
}) as unknown;

test('the built program starts, and says where it listens', async () => {
  expect(await firstLine('bin/fake-luma.js', '--events', '3', '--json')).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
    calendars: [summary],
  });
});

test('the built package is imported by its name', async () => {
  const program = `
    import { startFakeLuma } from 'fake-luma';
    const fake = await startFakeLuma({ eventsPerCalendar: 3 });
    console.log(JSON.stringify(fake.calendars));
    await fake.close();
  `;
  expect(await firstLine('--input-type=module', '--eval', program)).toEqual([summary]);
});

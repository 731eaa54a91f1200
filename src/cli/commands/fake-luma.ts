import { Command, InvalidArgumentError } from 'commander';
import {
  type CalendarSummary,
  type FakeLuma,
  type FakeLumaOptions,
  startFakeLuma,
} from '../../fake-luma/index.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';

interface FakeLumaCommandOptions {
  port: number;
  calendars: number;
  events: number;
  seed: number;
  limit: number;
  windowMs: number;
  blockMs: number;
  latencyMs: number;
  json?: true;
}

/** `luma-sync fake-luma` */
export function fakeLumaCommand(): Command {
  return new Command('fake-luma')
    .summary('a Luma that runs anywhere, to build and test against')
    .description(
      "Answers as Luma's public API does, from calendars generated from a seed, until Ctrl-C. Calendars can be " +
        'changed and faults switched on while it runs: docs/fake-luma.md. Listens on 127.0.0.1 only; its keys open nothing else.',
    )
    .option('--port <n>', 'where to listen; 0 takes any free port', between(0, 65_535), 0)
    .option('--calendars <n>', 'how many calendars, each with a key of its own', between(1, 1000), 1)
    .option('--events <n>', 'events in each', between(0, 100_000), 40)
    .option('--seed <n>', 'same seed, same calendars, ids and keys', between(0, 0xffff_ffff), 1)
    .option('--limit <n>', 'requests a calendar has in each window', between(1, 1_000_000), 200)
    .option('--window-ms <n>', 'length of the window', between(1, LONGEST_MS), 60_000)
    .option(
      '--block-ms <n>',
      'how long a calendar that goes over is shut out',
      between(1, LONGEST_MS),
      60_000,
    )
    .option('--latency-ms <n>', 'how long every answer takes', between(0, LONGEST_MS), 0)
    .option('--json', 'print one line, {url, calendars: [{id, name, key, events}]}, once it listens')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync fake-luma --port 4010 --calendars 3
  $ luma-sync fake-luma --limit 20 --window-ms 5000 --block-ms 5000      rate limits to meet in a minute
  $ LUMA_BASE_URL=http://127.0.0.1:4010 luma-sync worker                 a worker that syncs from it`,
    )
    .action(async ({ json, events, ...options }: FakeLumaCommandOptions) => {
      const stopped = stopSignal();
      const fake = await start({ ...options, eventsPerCalendar: events });
      if (json) printJson({ url: fake.url, calendars: fake.calendars });
      else print(introduction(fake, stdoutWidth()));
      const signal = await stopped;
      await fake.close();
      say(`${signal}: the fake Luma has stopped.`);
    });
}

const LONGEST_MS = 24 * 3_600_000;

async function start(options: FakeLumaOptions): Promise<FakeLuma> {
  try {
    return await startFakeLuma(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const port = options.port ?? 0;
    if (code === 'EADDRINUSE') {
      throw new Error(`port ${port} is taken – choose another with --port, or leave it out for a free one`);
    }
    if (code === 'EACCES') {
      throw new Error(`port ${port} is not ours to use – choose one above 1023 with --port`);
    }
    throw error;
  }
}

/** Resolves with the first signal that asks for the end. Whoever is asked twice ends at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}

function introduction(
  { url, calendars }: { url: string; calendars: CalendarSummary[] },
  width?: number,
): string {
  const columns = [
    { title: 'CALENDAR', shrinks: true as const },
    { title: 'ID' },
    { title: 'EVENTS', align: 'right' as const },
    { title: 'KEY' },
  ];
  const rows = calendars.map(({ id, name, key, events }) => [name, id, String(events), key]);
  const key = calendars[0]?.key ?? '';
  const example = `curl -H 'x-luma-api-key: ${key}' '${url}/v1/calendars/events/list?pagination_limit=2'`;
  return [
    `A fake Luma listens on ${url} (Ctrl-C ends it)`,
    renderTable(columns, rows, { width }),
    `Try it:\n  ${example}`,
  ].join('\n\n');
}

/** A parser for whole numbers; both ends are allowed. */
function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

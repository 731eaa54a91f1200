import { Command, InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import { type CalendarSummary, type FakeLuma, type FakeLumaOptions, startFakeLuma } from './index.js';

interface CommandOptions {
  port: number;
  calendars: number;
  events: number;
  seed: number;
  limit: number;
  windowMs: number;
  blockMs: number;
  latencyMs: number;
  webhookLoss: number;
  webhookRepeats: number;
  webhookDelayMs: number;
  json?: true;
}

/** `fake-luma`. Throws what goes wrong; CommanderError where it is used wrongly, after saying so. */
export function createCommand(): Command {
  return new Command('fake-luma')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('(fake-luma --help tells more)')
    .exitOverride()
    .description(
      "Answers as Luma's public API does, from calendars generated from a seed, until Ctrl-C. Calendars can be " +
        'changed and faults switched on while it runs: see its README. Listens on 127.0.0.1 only; its keys open nothing else.',
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
    .option('--webhook-loss <n>', 'how many of a hundred deliveries of webhooks get lost', between(0, 100), 0)
    .option('--webhook-repeats <n>', 'how many of a hundred are delivered twice', between(0, 100), 0)
    .option(
      '--webhook-delay-ms <n>',
      'the longest a delivery waits; each waits as chance has it, so their order changes',
      between(0, LONGEST_MS),
      0,
    )
    .option('--json', 'print one line, {url, calendars: [{id, name, key, events}]}, once it listens')
    .addHelpText(
      'after',
      `
Examples:
  $ fake-luma --port 4010 --calendars 3
  $ fake-luma --limit 20 --window-ms 5000 --block-ms 5000      rate limits to meet in a minute`,
    )
    .action(async (given: CommandOptions) => {
      const { json, events, webhookLoss, webhookRepeats, webhookDelayMs, ...options } = given;
      const stopped = stopSignal();
      const webhookTrouble = {
        loss: webhookLoss / 100,
        repeats: webhookRepeats / 100,
        delayMs: webhookDelayMs,
      };
      const fake = await start({ ...options, eventsPerCalendar: events, webhookTrouble });
      const { url, calendars } = fake;
      process.stdout.write(`${json ? JSON.stringify({ url, calendars }) : introduction(fake)}\n`);
      const signal = await stopped;
      await fake.close();
      process.stderr.write(`${signal}: the fake Luma has stopped.\n`);
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

function introduction({ url, calendars }: { url: string; calendars: CalendarSummary[] }): string {
  const key = calendars[0]?.key ?? '';
  const example = `curl -H 'x-luma-api-key: ${key}' '${url}/v1/calendars/events/list?pagination_limit=2'`;
  return [`A fake Luma listens on ${url} (Ctrl-C ends it)`, table(calendars), `Try it:\n  ${example}`].join(
    '\n\n',
  );
}

/** Names come last: how wide a terminal shows them is hard to tell. */
function table(calendars: readonly CalendarSummary[]): string {
  const rows = [
    ['ID', 'EVENTS', 'KEY', 'CALENDAR'],
    ...calendars.map(({ id, name, key, events }) => [id, String(events), key, name]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
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

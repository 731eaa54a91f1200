import { Command, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { LumaSync } from '../../client/connect.js';
import type { Status } from '../../client/status.js';
import { EXIT, ExitWith, UsageError } from '../exit.js';
import { parseDuration, parseNamed } from '../options.js';
import { print, printJson, stdoutWidth } from '../output/io.js';
import { checkLine, unreadLines } from '../output/status-check.js';
import { screen } from '../output/screen.js';
import { type StatusLayout, statusText } from '../output/status.js';
import { withClient } from '../with-client.js';

interface StatusCommandOptions {
  check?: true;
  watch?: true;
  maxAge: number;
  limit?: number;
  json?: true;
}

const EVERY_MS = 2_000;
/** Between two looks: pauses count down each second. */
const REDRAW_MS = 1_000;
/** Servers that are there answer at once. */
const CONNECT_LIMIT_MS = 2_000;

/** `luma-sync status` */
export function statusCommand(): Command {
  return new Command('status')
    .summary('how everything stands: workers, schedule, syncs, organizations')
    .description(
      `Shows on one screen who works, when the schedule ran and will run, what runs now, which organizations are
stale, failing, stuck or were never synced, and what waits for a person, with what to do about each. What cannot be read
is said, and the rest is shown. Needs TEMPORAL_* and MONGODB_URI.`,
    )
    .option('--check', 'say in one line whether a person is needed, for cron and monitoring')
    .option('--watch', 'show it again every 2 seconds, until Ctrl-C')
    .addOption(
      new Option('--max-age <time>', 'a complete sync may be so old: 90m, 26h, 2d')
        .argParser(parseDuration)
        .default(26 * 3_600_000, '26h'),
    )
    .option(
      '--limit <n>',
      'name so many of each kind (default: 10, or as many as the terminal has room for)',
      parseNamed,
    )
    .option('--json', 'print it as JSON; with --watch a line each time')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 something could not be read, 2 used wrongly.
With --check: 0 all is well, 3 a person is needed, 1 cannot tell, 2 used wrongly.

Examples:
  $ luma-sync status --watch
  $ luma-sync status --check || mail -s "luma-sync" you@example.com < /dev/null
  $ luma-sync status --json | jq '.organizations.failing[].orgId'`,
    )
    .action(async (options: StatusCommandOptions) => {
      if (options.check && options.watch) {
        throw new UsageError('--check and --watch exclude each other – check looks once, watch goes on');
      }
      await withClient(
        ['temporal', 'mongo'],
        (lumaSync) => (options.watch ? watch(lumaSync, options) : look(lumaSync, options)),
        { connectTimeoutMs: CONNECT_LIMIT_MS },
      );
    });
}

/** @throws ExitWith, Error where nothing at all could be read */
async function look(lumaSync: LumaSync, { check, json, maxAge, limit }: StatusCommandOptions): Promise<void> {
  const status = await lumaSync.status({ maxAgeMs: maxAge, limit });
  if (json) printJson(status);
  const { verdict } = status;
  if (verdict === 'unknown' && (check || isEmpty(status))) {
    throw new Error(check ? checkLine(status) : unreadLines(status).join('; '));
  }
  if (!json) print(check ? checkLine(status) : statusText(status, layout(limit)));
  if (verdict === 'unknown') throw new ExitWith(EXIT.failed);
  if (check && verdict === 'needs-person') throw new ExitWith(EXIT.partly);
}

/** What was asked for is shown, whether or not there is room for it. */
function layout(limit: number | undefined): StatusLayout {
  const width = stdoutWidth();
  // The last row is the prompt's.
  return { width, rows: width === undefined || limit !== undefined ? undefined : process.stdout.rows - 1 };
}

function isEmpty({ workers, schedule, running, organizations, removals, quarantine }: Status): boolean {
  return [workers, schedule, running, organizations, removals, quarantine].every(
    (part) => part === undefined,
  );
}

/** Until Ctrl-C. What cannot be read is shown, and read again. */
async function watch(lumaSync: LumaSync, { json, maxAge, limit }: StatusCommandOptions): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const ended = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined)),
  );
  process.once('SIGINT', () => over.abort());
  const show = screen(process.stdout);
  let last: Status | undefined;
  const draw = () => {
    if (last !== undefined) show(statusText(last, layout(limit)));
  };
  const isRedrawn = !json && process.stdout.isTTY;
  const redrawing = isRedrawn ? setInterval(draw, REDRAW_MS) : undefined;
  while (!signal.aborted) {
    last = await Promise.race([lumaSync.status({ maxAgeMs: maxAge, limit }), ended]);
    if (last === undefined) break;
    if (json) printJson(last);
    else draw();
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  clearInterval(redrawing);
}

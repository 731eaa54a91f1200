import { CommanderError } from 'commander';
import { InvalidArgument } from '../client/arguments.js';
import { NotConfigured, ScheduleInvalid, SyncFailed } from '../client/errors.js';
import { RemovalNotHeld } from '../client/removals.js';
import { RunNotFound } from '../client/runs.js';
import { ConfigError } from '../config.js';
import { OrgAlreadyExists, OrgNotFound, StoreUnavailable } from '../mongo/store-errors.js';
import { commandLine, option } from '../shell.js';
import { KeyringMismatch } from '../secrets/errors.js';
import { EXIT, ExitWith, OutOfSight, UsageError } from './exit.js';
import { say } from './output/io.js';
import { red } from './output/styles.js';
import { oneLine } from './output/text.js';

/** Says on stderr what a command threw, in one message without a stack trace. @returns the exit code */
export function explain(error: unknown): number {
  if (error instanceof ExitWith) return error.code;
  if (error instanceof CommanderError) {
    // Commander has said it already; help and version that were asked for are no errors.
    return error.exitCode === 0 ? EXIT.done : EXIT.usedWrongly;
  }
  if (error instanceof ConfigError) {
    const [first, ...more] = error.problems;
    if (more.length === 0) complain(first ?? 'settings are missing');
    else complain(`${error.problems.length} settings are wrong or missing:\n${list(error.problems)}`);
    return EXIT.usedWrongly;
  }
  if (error instanceof OrgNotFound || (error instanceof SyncFailed && error.type === 'OrgNotFound')) {
    complain(`there is no organization ${JSON.stringify(error.orgId)} – see them with: luma-sync orgs list`);
    return EXIT.usedWrongly;
  }
  if (error instanceof RemovalNotHeld) {
    const list = commandLine('luma-sync', 'removals', 'list', ...option('--org', error.orgId));
    complain(`${error.message} – see them with: ${list}`);
    return EXIT.usedWrongly;
  }
  if (error instanceof StoreUnavailable) {
    complain(`${error.message} – check MONGODB_URI, and that MongoDB runs and lets this program in`);
    return EXIT.failed;
  }
  const usage = USAGE.some((kind) => error instanceof kind);
  complain(error instanceof Error ? error.message : String(error));
  if (error instanceof OutOfSight) return EXIT.outOfSight;
  return usage ? EXIT.usedWrongly : EXIT.failed;
}

/** Used wrongly, or set up so that another attempt would end in the same way. */
const USAGE = [
  ...[UsageError, RunNotFound, ScheduleInvalid, OrgAlreadyExists, InvalidArgument, KeyringMismatch],
  NotConfigured,
];

function list(problems: readonly string[]): string {
  return problems.map((problem) => `  - ${problem}`).join('\n');
}

function complain(text: string): void {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^(\s*)(.*)$/, (_, indent: string, rest: string) => indent + oneLine(rest)));
  say(`${red('error:')} ${lines.join('\n')}`);
}

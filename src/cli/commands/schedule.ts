import { Command, Option } from 'commander';
import type { ScheduleInfo } from '../../client/schedule.js';
import { print, printJson, say } from '../output/io.js';
import { duration, instant, oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

/** `luma-sync schedule apply|show|trigger|delete` */
export function scheduleCommand(): Command {
  return new Command('schedule')
    .summary('the daily full sync: apply, show, trigger, delete')
    .description('The schedule that starts a full sync every day. Temporal keeps it; workers do the work.')
    .addCommand(applyCommand())
    .addCommand(showCommand())
    .addCommand(triggerCommand())
    .addCommand(deleteCommand());
}

interface ApplyOptions {
  at?: string;
  cron?: string;
  json?: true;
}

function applyCommand(): Command {
  return new Command('apply')
    .summary('create the schedule, or bring it up to date')
    .description(
      `Creates the schedule, or replaces its times, policies and action; a pause stays. Safe to repeat, in every
deployment. A sync that is due while one runs is skipped; one missed by an outage is made up for within an hour.

A cron expression has five fields, or is a word such as @daily. Where both a day of the month and a weekday are given,
both must match: "0 7 1-7 * 1" is the first Monday of each month.`,
    )
    .option('--at <HH:MM>', 'time of day, UTC (default: 07:00)')
    .addOption(new Option('--cron <expression>', 'cron expression instead').conflicts('at'))
    .option('--json', 'print it as JSON, with outcome created, updated or unchanged')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync schedule apply
  $ luma-sync schedule apply --cron "CRON_TZ=Europe/Berlin 30 6 * * 1-5"`,
    )
    .action(async ({ json, ...options }: ApplyOptions) => {
      await withClient(['temporal'], async (lumaSync) => {
        const applied = await lumaSync.schedule.apply(options);
        say(`Schedule ${applied.scheduleId} ${applied.outcome}.`);
        if (json) printJson(applied);
        else print(scheduleText(applied));
      });
    });
}

function showCommand(): Command {
  return new Command('show')
    .summary('show when it ran and will run')
    .description('Shows the schedule: its times, whether it is paused, when it ran and will run.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', "\nExample:\n  $ luma-sync schedule show --json | jq -r '.nextRuns[0]'")
    .action(async ({ json }: { json?: true }) => {
      await withClient(['temporal'], async (lumaSync) => {
        const info = await lumaSync.schedule.show();
        if (json) printJson(info);
        else print(scheduleText(info));
      });
    });
}

function triggerCommand(): Command {
  return new Command('trigger')
    .summary('start a scheduled sync now')
    .description('Lets the schedule start a full sync now; while one of its syncs runs, nothing is started.')
    .option('--json', 'print {outcome, workflowId, runId} as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync schedule trigger')
    .action(async ({ json }: { json?: true }) => {
      await withClient(['temporal'], async (lumaSync) => {
        const triggered = await lumaSync.schedule.trigger();
        say(triggered.outcome === 'started' ? 'Started.' : 'Skipped: a scheduled sync is running already.');
        if (json) printJson(triggered);
        else print(triggered.workflowId);
      });
    });
}

function deleteCommand(): Command {
  return new Command('delete')
    .summary('delete the schedule')
    .description('Deletes the schedule. A sync that runs goes on; events stay.')
    .option('--json', 'print {deleted} as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync schedule delete')
    .action(async ({ json }: { json?: true }) => {
      await withClient(['temporal'], async (lumaSync) => {
        const deleted = await lumaSync.schedule.delete();
        if (json) printJson({ deleted });
        say(deleted ? 'Deleted.' : 'There was no schedule.');
      });
    });
}

/** The schedule for people. */
export function scheduleText(info: ScheduleInfo): string {
  const last = info.recentRuns.at(-1);
  const [next] = info.nextRuns;
  const note = info.note === undefined ? '' : ` (${oneLine(info.note)})`;
  return [
    `schedule   ${info.scheduleId}${info.paused ? `, paused${note}` : ''}`,
    `fires      ${oneLine(info.when)}`,
    `policies   overlap ${info.overlap}, catches up within ${duration(info.catchupWindowMs)}`,
    `next run   ${info.paused ? '– (paused)' : instant(next)}`,
    `last run   ${last === undefined ? '–' : `${instant(last.startedAt)}  ${oneLine(last.workflowId)}`}`,
    `running    ${info.running.length === 0 ? '–' : info.running.map(oneLine).join(', ')}`,
  ].join('\n');
}

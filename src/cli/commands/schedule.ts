import { Command, Option } from 'commander';
import type { ScheduleInfo } from '../../client/schedule.js';
import { print, printJson, say } from '../output/io.js';
import { duration, instant, oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

/** `luma-sync schedule apply|show|pause|resume|trigger|delete` */
export function scheduleCommand(): Command {
  return new Command('schedule')
    .summary('the daily full sync: apply, show, pause, resume, trigger')
    .description('The schedule that starts a full sync every day. Temporal keeps it; workers do the work.')
    .addCommand(applyCommand())
    .addCommand(showCommand())
    .addCommand(pauseCommand())
    .addCommand(resumeCommand())
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
      `Creates the schedule, or changes what is given, and shows what was before. Times that are not given stay, and so
does a pause; policies and the workflow are put right. Safe to repeat, in every deployment. A sync that is due while
one runs is skipped; one missed by an outage is made up for within an hour.

A cron expression has five fields, or is a word such as @daily. Where both a day of the month and a weekday are given,
both must match: "0 7 1-7 * 1" is the first Monday of each month.`,
    )
    .option('--at <HH:MM>', 'time of day, UTC (default: as it is; 07:00 for a new one)')
    .addOption(new Option('--cron <expression>', 'cron expression instead').conflicts('at'))
    .option('--json', 'print it as JSON, with outcome created, updated or unchanged, and changes')
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
        for (const { what, from, to } of applied.changes) {
          say(`  ${what}: ${oneLine(from)} → ${oneLine(to)}`);
        }
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

function pauseCommand(): Command {
  return new Command('pause')
    .summary('start no scheduled syncs until resumed')
    .description(
      `Pauses the schedule: no sync is started by it until it is resumed. A sync that runs goes on; \`luma-sync sync cancel\`
ends it. Paused already, the schedule gets the note.`,
    )
    .option('--note <text>', 'why, for others who look at it')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync schedule pause --note "MongoDB moves until Friday, ann"')
    .action(async ({ note, json }: { note?: string; json?: true }) => {
      await withClient(['temporal'], async (lumaSync) => {
        const info = await lumaSync.schedule.pause(note);
        say('Paused. Go on with: luma-sync schedule resume');
        if (info.running.length > 0)
          say('A scheduled sync runs and goes on; end it with: luma-sync sync cancel');
        if (json) printJson(info);
        else print(scheduleText(info));
      });
    });
}

function resumeCommand(): Command {
  return new Command('resume')
    .summary('start scheduled syncs again')
    .description(
      'Resumes the schedule after a pause. Syncs that were due meanwhile are not made up for; `schedule trigger` starts one.',
    )
    .option('--note <text>', 'for others who look at it')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ luma-sync schedule resume')
    .action(async ({ note, json }: { note?: string; json?: true }) => {
      await withClient(['temporal'], async (lumaSync) => {
        const info = await lumaSync.schedule.resume(note);
        say('Resumed.');
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

/** Of the ten that Temporal tells. */
const NEXT_RUNS = 5;

/** The schedule for people. */
export function scheduleText(info: ScheduleInfo): string {
  const { scheduleId, paused, note, when, input, overlap, catchupWindowMs, running } = info;
  const last = info.recentRuns.at(-1);
  const noted = note === undefined ? '' : ` (${oneLine(note)})`;
  const [next = '–', ...later] = paused
    ? ['– (paused; go on with: luma-sync schedule resume)']
    : info.nextRuns.slice(0, NEXT_RUNS).map(instant);
  const inputText = JSON.stringify(input);
  return [
    `schedule   ${scheduleId}${paused ? `, paused${noted}` : ''}`,
    `fires      ${oneLine(when)}`,
    ...(inputText === '{}' ? [] : [`input      ${oneLine(inputText)}`]),
    `policies   overlap ${overlap}, catches up within ${duration(catchupWindowMs)}`,
    `next runs  ${next}`,
    ...later.map((run) => `           ${run}`),
    `last run   ${last === undefined ? '–' : `${instant(last.startedAt)}  ${oneLine(last.workflowId)}`}`,
    `running    ${running.length === 0 ? '–' : running.map(oneLine).join(', ')}`,
  ].join('\n');
}

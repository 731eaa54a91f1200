import { Command, Option } from 'commander';
import type { EventDoc } from '../../mongo/documents.js';
import { parseLimit } from '../options.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { withClient } from '../with-client.js';

interface EventsOptions {
  org?: string;
  limit: number;
  all?: true;
  allVisibilities?: true;
  json?: true;
}

/** `luma-sync events` */
export function eventsCommand(): Command {
  return new Command('events')
    .summary('show events as applications see them')
    .description(
      `Shows the public events in MongoDB, as a visitor may see them, by start. Times are the event’s own. Where
lumaVisibility lets others be stored too, --all-visibilities shows them, each with its visibility.`,
    )
    .option('--org <id>', 'of one organization only')
    .option('--limit <n>', 'at most so many', parseLimit, 20)
    .option('--all', 'past events too')
    .option('--all-visibilities', 'those that are not public too')
    .addOption(new Option('--upcoming', 'what has not begun yet (the default)').conflicts('all'))
    .option('--json', 'print a JSON array, every stored field in it')
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync events --org rust-berlin --limit 5
  $ luma-sync events --json | jq -r '.[] | [.startAt, .title, .url] | @tsv'`,
    )
    .action(async ({ org, limit, all, allVisibilities, json }: EventsOptions) => {
      await withClient(['mongo'], async (lumaSync) => {
        const events = await lumaSync.events.list({
          limit,
          ...{ orgId: org, allVisibilities, from: all ? undefined : new Date() },
        });
        if (json) printJson(events.map(eventJson));
        else if (events.length === 0)
          say(
            `No ${all ? '' : 'upcoming '}${allVisibilities ? '' : 'public '}events. Sync with: luma-sync sync`,
          );
        else print(eventTable(events, stdoutWidth(), { withVisibility: allVisibilities === true }));
        if (events.length === limit) say(`Shown are the first ${limit}; there may be more: --limit`);
      });
    });
}

/** An event's document for `--json`: MongoDB's own id left out, the organization's id as text. */
export function eventJson(event: EventDoc): object {
  return { ...event, orgId: String(event.orgId), _id: undefined };
}

/** Events as a table for people. */
export function eventTable(
  events: readonly EventDoc[],
  width?: number,
  { withVisibility = false }: { withVisibility?: boolean } = {},
): string {
  const rows = events.map(({ orgId, startAt, timezone, title, location, url, visibility }) => [
    localTime(startAt, timezone),
    ...(withVisibility ? [visibility] : []),
    title,
    location ?? '–',
    String(orgId),
    url,
  ]);
  const columns = [
    { title: 'START' },
    ...(withVisibility ? [{ title: 'VISIBILITY' }] : []),
    { title: 'EVENT', shrinks: true as const },
    { title: 'WHERE', shrinks: true as const },
    { title: 'ORGANIZATION', shrinks: true as const },
    { title: 'LINK', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}

/** `Tue 2026-11-24 18:00 GMT+1`, at the event's place. */
function localTime(at: Date, timezone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: knownZone(timezone),
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'shortOffset',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { weekday = '', year = '', month = '', day = '', hour = '', minute = '', timeZoneName = '' } = parts;
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute} ${timeZoneName}`;
}

/** A zone that this machine's tables lack (another program may have written it) is shown in UTC. */
function knownZone(timezone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

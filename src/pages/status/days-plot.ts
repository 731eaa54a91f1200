import type { RunDay } from '../../client/runs-days.js';
import { type Html, markup } from '../markup.js';
import { plural } from '../words.js';

const DAY_WIDTH = 8;
const BAR_WIDTH = 6;
const HEIGHT = 36;
/** A day with a sync that changed nothing is seen too. */
const LEAST = 5;

/**
 * The last days of one organization: a bar for each day with a sync, higher the more events it changed; a cross above
 * a day on which one failed, a dot where there was none.
 */
export function daysPlot(days: readonly RunDay[]): Html {
  const width = days.length * DAY_WIDTH;
  const most = Math.max(1, ...days.map(({ changed }) => changed));
  return markup`<svg class="plot" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${daysInWords(days)}"><path class="base" d="M0 ${HEIGHT - 0.5}H${width}"/>${days.map((day, index) => bar(day, index * DAY_WIDTH + 1, most))}</svg>`;
}

function bar(day: RunDay, x: number, most: number): Html {
  const { syncs, failed, changed } = day;
  const title = markup`<title>${dayInWords(day)}</title>`;
  if (syncs === 0)
    return markup`<g>${title}<circle class="none" cx="${x + BAR_WIDTH / 2}" cy="${HEIGHT - 4}" r="1.5"/></g>`;
  const room = HEIGHT - 10 - LEAST;
  // A root: one day with everything new leaves the others visible.
  const height = Math.round(LEAST + room * Math.sqrt(changed / most));
  const top = HEIGHT - 1 - height;
  const kind = failed === syncs ? 'failed' : 'ok';
  const cross =
    failed === 0
      ? null
      : markup`<path class="failed" d="M${x} ${top - 7}l1-1 2 2 2-2 1 1-2 2 2 2-1 1-2-2-2 2-1-1 2-2z"/>`;
  return markup`<g>${title}<rect class="${kind}" x="${x}" y="${top}" width="${BAR_WIDTH}" height="${height}"/>${cross}</g>`;
}

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });

function dayInWords({ date, syncs, failed, changed }: RunDay): string {
  const day = DAY.format(new Date(`${date}T00:00:00Z`));
  if (syncs === 0) return `${day}: no sync`;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  return `${day}: ${plural(syncs, 'sync')}${failures}, ${plural(changed, 'change')}`;
}

/** `30 days: 29 syncs, 1 failed, 214 changes` */
export function daysInWords(days: readonly RunDay[]): string {
  const total = (value: (day: RunDay) => number) => days.reduce((sum, day) => sum + value(day), 0);
  const failed = total((day) => day.failed);
  return [
    `${days.length} days: ${plural(
      total((day) => day.syncs),
      'sync',
      'syncs',
    )}`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    plural(
      total((day) => day.changed),
      'change',
    ),
  ].join(', ');
}

import type { Estimate, OrgEstimate } from '../../client/estimate.js';
import { LUMA_REQUESTS_A_MINUTE, MONTH_DAYS } from '../../client/estimate-arithmetic.js';
import { renderTable } from './table.js';
import { count, oneLine } from './text.js';

/** Organizations that are shown; the rest is in the JSON. */
const SHOWN = 10;

/** The costs for people: the whole first, then the organizations that cost the most. */
export function estimateText(estimate: Estimate, width?: number): string {
  const { schedule, organizations, aRun, aDay, temporalCloud } = estimate;
  const right = 'right' as const;
  const columns = [
    { title: '' },
    { title: 'A SYNC', align: right },
    { title: 'A DAY', align: right },
    { title: `${MONTH_DAYS} DAYS`, align: right },
  ];
  const row = (name: string, run: number, day: number) => [
    name,
    number(run),
    number(day),
    number(day * MONTH_DAYS),
  ];
  const costs = renderTable(
    columns,
    [
      row('Luma requests', aRun.lumaRequests, aDay.lumaRequests),
      row('Temporal actions', aRun.temporalActions, aDay.temporalActions),
      ...(aRun.temporalHeartbeats > 0
        ? [row('Temporal heartbeats', aRun.temporalHeartbeats, aDay.temporalHeartbeats)]
        : []),
      row('MongoDB writes', aRun.mongoWrites, aDay.mongoWrites),
    ],
    { width },
  );
  const { dollarsAMonth, dollarsPerMillion } = temporalCloud;
  return [
    scheduleLine(schedule),
    '',
    costs,
    '',
    `Temporal Cloud    $${dollarsAMonth.toFixed(2)} in ${MONTH_DAYS} days, at $${dollarsPerMillion} a million actions`,
    ...longest(organizations),
    ...(organizations.length === 0 ? [] : ['', table(organizations, width)]),
    ...(organizations.length > SHOWN
      ? [`and ${count(organizations.length - SHOWN, 'organization')} more (--json has them all)`]
      : []),
    ...(organizations.some(({ rough }) => rough)
      ? ['(rough): there are more events than were looked at; the first sync tells.']
      : []),
  ].join('\n');
}

function scheduleLine({ runsADay, basis, when, paused }: Estimate['schedule']): string {
  if (basis === 'assumed') return `Schedule          assumed to be daily: ${oneLine(when)}`;
  const often = `${number(runsADay)} ${runsADay === 1 ? 'sync' : 'syncs'} a day`;
  return `Schedule          ${oneLine(when)}: ${often}${paused === true ? ' (paused now)' : ''}`;
}

function longest([first]: readonly OrgEstimate[]): string[] {
  if (first === undefined) return [];
  const limit = `${LUMA_REQUESTS_A_MINUTE} requests a minute and calendar`;
  return [`Luma's limit      ${minutes(first)} min a sync at most (${limit})`];
}

function table(organizations: readonly OrgEstimate[], width: number | undefined): string {
  const right = 'right' as const;
  const columns = [
    { title: 'ORGANIZATION', shrinks: true as const },
    { title: 'REQUESTS', align: right },
    { title: 'MINUTES', align: right },
    { title: 'ACTIONS', align: right },
    { title: 'WRITES', align: right },
    { title: 'FROM' },
  ];
  const rows = organizations.slice(0, SHOWN).map((one) => {
    const { orgId, aRun, basis, rough } = one;
    return [
      orgId,
      number(aRun.lumaRequests),
      minutes(one),
      number(aRun.temporalActions + aRun.temporalHeartbeats),
      number(aRun.mongoWrites),
      `${BASES[basis]}${rough === true ? ' (rough)' : ''}`,
    ];
  });
  return renderTable(columns, rows, { width });
}

const BASES: Record<OrgEstimate['basis'], string> = {
  runs: 'its last syncs',
  stored: 'what is stored',
  listing: 'Luma, just now',
};

/** Which organizations are not in the figures, and why. */
export function notEstimatedText({ notEstimated }: Pick<Estimate, 'notEstimated'>): string {
  const named = notEstimated
    .slice(0, SHOWN)
    .map(({ orgId, reason }) => `  ${oneLine(orgId)}: ${oneLine(reason)}`);
  const more = notEstimated.length - named.length;
  return [
    `Not in these figures: ${count(notEstimated.length, 'organization')}.`,
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

function minutes({ minutesAtLimit }: OrgEstimate): string {
  return minutesAtLimit < 9.95 ? minutesAtLimit.toFixed(1) : String(Math.round(minutesAtLimit));
}

/** Whole, but for the small. */
function number(value: number): string {
  const digits = value < 10 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

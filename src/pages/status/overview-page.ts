import pLimit from 'p-limit';
import type { RunDay } from '../../client/runs-days.js';
import { conditionOf, isToSync } from '../../client/status/organizations.js';
import type { ScheduleInfo } from '../../client/schedule.js';
import type { Status } from '../../client/status.js';
import type { OrganizationSummary } from '../../mongo/organizations.js';
import { within } from '../../within.js';
import { layout } from '../layout.js';
import { type Content, type Html, markup } from '../markup.js';
import { instant, plural } from '../words.js';
import type { StatusMeans } from './means.js';
import { needInWords } from './need-words.js';
import { nameOf, organizationView, type ShownOrganization, URGENCY } from './organizations-view.js';
import { runningView } from './running-view.js';
import { statusNav } from './status-nav.js';
import { waitingView } from './waiting-view.js';

const NAMED = 50;
const ORGANIZATIONS_A_PAGE = 25;
/** Of the organizations with entries in quarantine, those whose entries are shown; of the others the number is. */
const QUARANTINES_DETAILED = 10;
/** Whoever waits at a browser waits no longer for a part. */
const PART_LIMIT_MS = 3_000;
const AT_ONCE = 8;
/** All that the page shows. */
const PARTS = [
  ...(['workers', 'schedule', 'running', 'organizations', 'removals', 'quarantine', 'webhooks'] as const),
];

/** How everything stands. What cannot be read is said, and the rest is shown. */
export async function overviewPage(
  { root, operations }: StatusMeans,
  { url, formToken }: { url: URL; formToken: string },
): Promise<Html> {
  const orNothing = <T>(work: Promise<T>) => within(PART_LIMIT_MS, work).catch(() => undefined);
  const status = await operations.status({
    ...{ limit: NAMED, limitMs: PART_LIMIT_MS, parts: PARTS, listed: true },
  });
  const { quarantine, running, listed: summaries = [] } = status;
  const detailed = quarantine?.first.slice(0, QUARANTINES_DETAILED) ?? [];
  const [quarantined, shown] = await Promise.all([
    Promise.all(detailed.map(({ orgId }) => orNothing(operations.quarantine.list(orgId)))),
    shownOrganizations(summaries, status, url.searchParams, (orgId) =>
      orNothing(operations.runs.days(orgId)),
    ),
  ]);
  const names = new Map(summaries.map((summary) => [summary.id, nameOf(summary)]));
  const main = markup`<h1>How the calendars stand</h1>
${headline(status)}
<section aria-labelledby="running"><h2 id="running">Being synced now</h2>
<div id="live">${runningView({ running, names, now: status.at })}</div>
<p id="live-note" class="muted small" role="status">As of ${instant(status.at)}. <a href="${root}/status">Load this page again</a> for news.</p></section>
${waitingView({ root, status, quarantined: quarantined.flatMap((entries) => entries ?? []), nameOf: (orgId) => names.get(orgId) ?? orgId })}
${calendars(root, shown, status)}`;
  return layout({
    ...{ root, title: 'How the calendars stand', script: 'statusScript', skip: 'Skip to the status' },
    ...{ nav: statusNav(root, formToken), main },
  });
}

function headline(status: Status): Html {
  const { needs, unread, organizations, maxAgeMs, schedule } = status;
  const troubles: Content[] = needs.map((need) => needInWords(need, maxAgeMs));
  const silent = silentParts(unread);
  const isAlert = troubles.length + silent.length > 0;
  const { total = 0, counts } = organizations ?? {};
  const fresh =
    counts === undefined
      ? null
      : markup`<p>${counts.fresh} of ${plural(total, 'calendar')} ${counts.fresh === 1 ? 'is' : 'are'} up to date.</p>`;
  return markup`<div class="card${isAlert ? ' alert' : ''}">${
    isAlert
      ? markup`<p><strong>${troubles.length === 0 ? 'Not everything is known.' : 'Somebody is needed.'}</strong></p><ul class="needs">${[...silent, ...troubles].map((trouble) => markup`<li>${trouble}</li>`)}</ul>`
      : markup`<p><strong>All is well.</strong> Nothing waits for anybody.</p>`
  }${fresh}${schedule === undefined ? null : markup`<p>${nextSync(schedule)}</p>`}</div>`;
}

function nextSync(schedule: ScheduleInfo | null): Content {
  if (schedule === null) return 'There is no schedule: calendars are synced when somebody starts it.';
  if (schedule.paused) return 'The schedule is paused: calendars are synced when somebody starts it.';
  const next = schedule.nextRuns[0];
  return next === undefined ? null : markup`The next sync of all calendars begins ${instant(next)}.`;
}

const OF_TEMPORAL = new Set<string>(['workers', 'schedule', 'running']);

/** Which of the two servers do not answer, and not each question that they leave open. */
function silentParts(unread: Status['unread']): Content[] {
  const isTemporal = unread.some(({ part }) => OF_TEMPORAL.has(part));
  const isMongo = unread.some(({ part }) => !OF_TEMPORAL.has(part));
  const why = (of: boolean) => unread.find(({ part }) => OF_TEMPORAL.has(part) === of)?.reason;
  const detail = (reason: string | undefined) =>
    markup`<details><summary>For whoever runs this service</summary><p>${reason}</p></details>`;
  return [
    ...(isTemporal
      ? [
          markup`Temporal, which runs the syncs, does not answer. What this page shows is what the database knows.${detail(why(true))}`,
        ]
      : []),
    ...(isMongo ? [markup`The database does not answer.${detail(why(false))}`] : []),
  ];
}

interface ShownOrganizations {
  organizations: ShownOrganization[];
  text: string;
  page: number;
  pages: number;
  found: number;
}

/** One page of those whose name or id holds the text, the most urgent first. */
async function shownOrganizations(
  summaries: readonly OrganizationSummary[],
  { at, maxAgeMs, running }: Status,
  params: URLSearchParams,
  daysOf: (orgId: string) => Promise<RunDay[] | undefined>,
): Promise<ShownOrganizations> {
  const text = (params.get('q') ?? '').trim().slice(0, 200);
  const wanted = text.toLowerCase();
  const stuck = new Set(running?.stuck.first.flatMap(({ orgId }) => orgId ?? []));
  const all = summaries
    .filter(isToSync)
    .filter((one) => nameOf(one).toLowerCase().includes(wanted) || one.id.toLowerCase().includes(wanted))
    .map((summary) => ({ summary, condition: conditionOf(summary, at.getTime() - maxAgeMs, stuck) }))
    .sort(
      (a, b) =>
        URGENCY.indexOf(a.condition) - URGENCY.indexOf(b.condition) ||
        nameOf(a.summary).localeCompare(nameOf(b.summary), 'en'),
    );
  const pages = Math.max(1, Math.ceil(all.length / ORGANIZATIONS_A_PAGE));
  const asked = Number(params.get('page') ?? 1);
  const page = Number.isInteger(asked) ? Math.min(Math.max(1, asked), pages) : 1;
  const limit = pLimit(AT_ONCE);
  const onPage = all.slice((page - 1) * ORGANIZATIONS_A_PAGE, page * ORGANIZATIONS_A_PAGE);
  const organizations = await Promise.all(
    onPage.map((one) => limit(async () => ({ ...one, days: await daysOf(one.summary.id) }))),
  );
  return { organizations, text, page, pages, found: all.length };
}

function calendars(root: string, shown: ShownOrganizations, status: Status): Html {
  const { organizations, text, page, pages, found } = shown;
  const href = (to: number) =>
    `${root}/status?${new URLSearchParams({ ...(text === '' ? {} : { q: text }), page: String(to) }).toString()}#calendars`;
  const nav =
    pages === 1
      ? null
      : markup`<nav class="pages" aria-label="Pages of calendars">${
          page > 1 ? markup`<a href="${href(page - 1)}">Page before</a>` : null
        }<span>Page ${page} of ${pages}</span>${page < pages ? markup`<a rel="next" href="${href(page + 1)}">Next page</a>` : null}</nav>`;
  const isUnread = status.organizations === undefined;
  return markup`<section aria-labelledby="calendars"><h2 id="calendars">Calendars</h2>
<form class="find" role="search" action="${root}/status" method="get"><label for="q">Find a calendar</label><div class="actions"><input id="q" name="q" type="search" maxlength="200" value="${text}"><button class="second">Find</button></div></form>
<p class="muted small">The last 30 days, in UTC: a bar for each day with a sync, higher the more events changed; a cross where a sync failed; a dot where there was none.</p>
${
  organizations.length === 0
    ? markup`<p>${isUnread ? 'They cannot be read now.' : found === 0 && text !== '' ? 'None has this name.' : 'There are none yet.'}</p>`
    : markup`<ul>${organizations.map((one) => organizationView(one, status.at))}</ul>`
}${nav}</section>`;
}

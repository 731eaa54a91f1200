import type { QuarantinedSummary } from '../../client/quarantine.js';
import type { Status, Waiting } from '../../client/status.js';
import { type Content, type Html, markup } from '../markup.js';
import { ago, plural } from '../words.js';
import { driftInWords } from './drift-words.js';
import { problemsInWords } from './quarantine-words.js';

export interface WaitingView {
  root: string;
  status: Status;
  /** Of the organizations whose entries are shown. */
  quarantined: readonly QuarantinedSummary[];
  nameOf: (orgId: string) => string;
}

/** What waits for a person, kind by kind; nothing where nothing does. */
export function waitingView(view: WaitingView): Content {
  const { removals, quarantine, organizations } = view.status;
  const parts: Content[] = [];
  if (removals !== undefined && removals.count > 0) parts.push(removalsSection(view, removals));
  if (quarantine !== undefined && quarantine.count > 0) parts.push(quarantineSection(view, quarantine));
  if (organizations !== undefined && organizations.drifting.count > 0) parts.push(driftSection(view));
  return parts;
}

export function removalsHref(root: string, orgId: string): string {
  return `${root}/status/removals?${new URLSearchParams({ org: orgId }).toString()}`;
}

function removalsSection({ root, status, nameOf }: WaitingView, { first, organizations }: Waiting): Html {
  return markup`<section aria-labelledby="removals"><h2 id="removals">Removals to decide</h2>
<p>These calendars would lose many events at once. None is removed before somebody decides.</p>
<ul>${first.map(
    ({ orgId, count, since }) =>
      markup`<li class="card"><h3><bdi>${nameOf(orgId)}</bdi></h3><p>${plural(count, 'event')}, held back since ${ago(since, status.at)}. <a href="${removalsHref(root, orgId)}">Look and decide<span class="hidden"> about ${nameOf(orgId)}</span></a></p></li>`,
  )}</ul>${rest(organizations - first.length)}</section>
`;
}

const ENTRIES_OF_ONE = 10;

function quarantineSection(
  { quarantined, status, nameOf }: WaitingView,
  { first, organizations }: Waiting,
): Html {
  return markup`<section aria-labelledby="quarantine"><h2 id="quarantine">Entries that could not be understood</h2>
<p>What Luma sends about these events has errors. An event that was stored before is still shown as it was; a new one is not shown. Correct the event at Luma, and the next sync takes it over.</p>
<ul>${first.map(({ orgId, count, since }) => {
    const entries = quarantined.filter((entry) => entry.orgId === orgId).slice(0, ENTRIES_OF_ONE);
    const details = markup`<ul class="needs">${entries.map(entryItem)}</ul>${rest(count - entries.length, 'entry', 'entries')}`;
    return markup`<li class="card"><h3><bdi>${nameOf(orgId)}</bdi></h3><p>${plural(count, 'entry', 'entries')}, the first seen ${ago(since, status.at)}</p>${
      entries.length === 0 ? null : details
    }</li>`;
  })}</ul>${rest(organizations - first.length)}</section>
`;
}

function entryItem({ lumaEventId, problems, values }: QuarantinedSummary): Html {
  const { start_at: start } = values;
  const begins = typeof start === 'string' ? ` that begins ${start.slice(0, 16).replace('T', ' ')}` : '';
  const which =
    lumaEventId === null
      ? `An event without an id${begins}`
      : [`The event${begins}, `, eventLink(lumaEventId)];
  return markup`<li>${which}: ${problemsInWords(problems)}</li>`;
}

/** Luma leads from an event's id to its page; events of other sites have none. */
function eventLink(lumaEventId: string): Html {
  const id = markup`<code>${lumaEventId}</code>`;
  if (!lumaEventId.startsWith('evt-')) return id;
  return markup`<a href="https://luma.com/event/${encodeURIComponent(lumaEventId)}" rel="noopener">${id}</a>`;
}

function driftSection({ status, nameOf }: WaitingView): Html {
  const { count = 0, first = [] } = status.organizations?.drifting ?? {};
  return markup`<section aria-labelledby="drift"><h2 id="drift">Luma’s answers look different</h2>
<p>Luma may have changed something, or the calendar’s settings were changed. Whoever runs this service should look whether a newer version knows about it.</p>
<ul>${first.map(
    ({ orgId, drift }) =>
      markup`<li class="card"><h3><bdi>${nameOf(orgId)}</bdi></h3><ul class="needs">${drift.map((one) => markup`<li>${driftInWords(one)}</li>`)}</ul></li>`,
  )}</ul>${rest(count - first.length)}</section>
`;
}

function rest(count: number, noun = 'calendar', nouns = 'calendars'): Content {
  return count > 0
    ? markup`<p class="muted">And ${plural(count, `more ${noun}`, `more ${nouns}`)}.</p>`
    : null;
}

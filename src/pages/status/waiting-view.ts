import type { QuarantinedSummary } from '../../client/quarantine.js';
import type { Status, Waiting } from '../../client/status.js';
import { type Content, type Html, markup } from '../markup.js';
import { ago, plural } from '../words.js';
import { driftInWords } from './drift-words.js';
import { problemsInWords } from './quarantine-words.js';

export interface WaitingView {
  root: string;
  status: Status;
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
<p>So many events of these calendars would go at once that none goes before somebody has decided.</p>
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
  const entries = (orgId: string) => quarantined.filter((entry) => entry.orgId === orgId);
  return markup`<section aria-labelledby="quarantine"><h2 id="quarantine">Entries that could not be understood</h2>
<p>Luma says something about these events that cannot be right. What was stored of them before is still shown; a new event is not shown yet. Put the event right at Luma and save it: the next sync takes it up.</p>
<ul>${first.map(
    ({ orgId, count, since }) =>
      markup`<li class="card"><h3><bdi>${nameOf(orgId)}</bdi></h3><p>${plural(count, 'entry', 'entries')}, the first seen ${ago(since, status.at)}</p><ul class="needs">${entries(
        orgId,
      )
        .slice(0, ENTRIES_OF_ONE)
        .map(entryItem)}</ul>${rest(count - Math.min(count, ENTRIES_OF_ONE), 'entry', 'entries')}</li>`,
  )}</ul>${rest(organizations - first.length)}</section>
`;
}

function entryItem({ lumaEventId, problems, values }: QuarantinedSummary): Html {
  const start =
    typeof values.start_at === 'string'
      ? ` that begins ${values.start_at.slice(0, 16).replace('T', ' ')}`
      : '';
  const which =
    lumaEventId === null
      ? `An event without an id${start}`
      : [`The event${start}, `, markup`<code>${lumaEventId}</code>`];
  return markup`<li>${which}: ${problemsInWords(problems)}</li>`;
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

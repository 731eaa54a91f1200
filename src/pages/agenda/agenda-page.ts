import type { Db } from 'mongodb';
import { InvalidArgument } from '../../arguments.js';
import { agenda, type Agenda } from '../../read/agenda.js';
import { CursorInvalid } from '../../read/cursor.js';
import type { LumaEvent } from '../../read/event.js';
import { cachedPage, page } from '../answers.js';
import { layout, messagePage } from '../layout.js';
import { type Html, markup } from '../markup.js';
import { organizationNames } from '../organization-names.js';
import { choicesOf, type Choices } from './choices.js';
import { dayInWords, eventTimes } from './event-times.js';
import { feedLinks } from './feed-links.js';
import { renderEvent } from './render-event.js';
import { renderSearch } from './render-search.js';
import { agendaQuery, isNarrowed, readSearch, type Search, searchHref } from './search.js';

export interface AgendaPageMeans {
  db: () => Promise<Db>;
  root: string;
  now: () => Date;
}

const MAX_AGE_SECONDS = 60;

/** The agenda of upcoming public events: for everybody. @throws StoreUnavailable */
export function agendaPage({ db, root, now }: AgendaPageMeans): (request: Request) => Promise<Response> {
  const choices = choicesOf(now);
  return async (request) => {
    const search = readSearch(new URL(request.url).searchParams);
    if (search === null) return refused(root);
    const at = now();
    const reader = await db();
    try {
      const [found, offered] = await Promise.all([agenda(reader, agendaQuery(search, at)), choices(reader)]);
      const ids = found.days.flatMap(({ events }) => events.map(({ orgId }) => String(orgId)));
      const unnamed = [...new Set([...ids, ...(search.org === undefined ? [] : [search.org])])];
      const names = await organizationNames(reader, unnamed);
      const document = render({ root, search, found, choices: offered, names, now: at });
      return cachedPage(request, document, MAX_AGE_SECONDS);
    } catch (error) {
      if (error instanceof CursorInvalid || error instanceof InvalidArgument) return refused(root);
      throw error;
    }
  };
}

/** What was asked for makes no sense: its reason quotes nothing of it. */
function refused(root: string): Response {
  const all = markup`<a href="${root}/">Show all upcoming events</a>`;
  return page(
    messagePage(root, 'This address shows no events', 'It may have been cut off or changed.', all),
    400,
  );
}

interface Rendered {
  root: string;
  search: Search;
  found: Agenda;
  choices: Choices;
  names: ReadonlyMap<string, string>;
  now: Date;
}

function render({ root, search, found, choices, names, now }: Rendered): Html {
  const { days, cursor } = found;
  const times = eventTimes();
  const organizationsOf = organizationsByEvent(days.flatMap(({ events }) => events));
  const shown = new Set<string>();
  const sections = days.map(({ day, events }) => {
    const first = events.filter(({ lumaEventId }) => !shown.has(lumaEventId) && shown.add(lumaEventId));
    const items = first.map((event) =>
      renderEvent(root, {
        ...{ event, isRunning: event.startAt <= now },
        times: times(event.startAt, event.endAt, event.timezone),
        organizations: (organizationsOf.get(event.lumaEventId) ?? []).map((id) => ({
          id,
          name: names.get(id) ?? id,
        })),
      }),
    );
    if (items.length === 0) return null;
    return markup`<section class="day"><h2><time datetime="${day}">${dayInWords(day)}</time></h2><ul>
${items}</ul></section>
`;
  });
  const organization = chosen(search, found, names);
  const feeds = feedLinks(root, organization);
  const main = markup`<h1>Upcoming events${organization === undefined ? null : markup` of <bdi>${organization.name}</bdi>`}</h1>
${renderSearch(root, search, choices, names)}
${shown.size === 0 ? nothing(root, search, cursor) : markup`<p id="zone" class="note">Each time is local to its event.</p>`}
<div id="agenda">${sections}</div>
${pages(root, search, cursor)}
${feeds.note}`;
  return layout({
    title: organization === undefined ? 'Upcoming events' : `Upcoming events of ${organization.name}`,
    ...{ root, script: 'agendaScript', head: feeds.head },
    ...{ skip: 'Skip to the events', main },
  });
}

/** The organization that was chosen, if there is one of this id. */
function chosen({ org }: Search, { days }: Agenda, names: Rendered['names']) {
  if (org === undefined || (days.length === 0 && !names.has(org))) return undefined;
  return { id: org, name: names.get(org) ?? org };
}

/** The same event may be shown by the calendars of several organizations. */
function organizationsByEvent(events: readonly LumaEvent[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { lumaEventId, orgId } of events) {
    const ids = found.get(lumaEventId);
    if (ids === undefined) found.set(lumaEventId, [String(orgId)]);
    else ids.push(String(orgId));
  }
  return found;
}

function nothing(root: string, search: Search, cursor: string | null): Html {
  if (cursor !== null) return markup`<p class="note">None of the next events match. Later ones may.</p>`;
  if (search.after !== undefined) return markup`<p class="note">There are no later events.</p>`;
  return isNarrowed(search)
    ? markup`<p class="note">No upcoming events match. <a href="${root}/">Show all upcoming events</a></p>`
    : markup`<p class="note">There are no upcoming events.</p>`;
}

function pages(root: string, search: Search, cursor: string | null): Html | null {
  const { after, ...rest } = search;
  if (cursor === null && after === undefined) return null;
  return markup`<nav class="pages" aria-label="Pages">${
    after === undefined ? null : markup`<a href="${searchHref(root, rest)}">First events</a>`
  }${
    cursor === null
      ? null
      : markup`<a rel="next" href="${searchHref(root, { ...rest, after: cursor })}">Later events</a>`
  }</nav>`;
}

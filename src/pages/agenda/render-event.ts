import { parseWebUrl } from '../../parse-url.js';
import type { LumaEvent } from '../../read/event.js';
import { type Content, type Html, markup } from '../markup.js';
import type { EventTimes } from './event-times.js';
import { searchHref } from './search.js';

export interface ShownEvent {
  event: LumaEvent;
  times: EventTimes;
  /** It has begun. */
  isRunning: boolean;
  organizations: readonly { id: string; name: string }[];
}

const TAGS = 4;

/** One event of the list. The script of the page finds its times by their `datetime`. */
export function renderEvent(root: string, { event, times, isRunning, organizations }: ShownEvent): Html {
  const { title, url, startAt, endAt, tags } = event;
  const name = markup`<bdi>${title}</bdi>`;
  const link = parseWebUrl(url)?.href;
  const end =
    times.end === undefined || endAt === undefined
      ? null
      : markup` – <time datetime="${brief(endAt)}">${times.end}</time>`;
  const linked = (search: { org: string } | { tag: string }, label: string) =>
    markup`<a${'tag' in search ? markup` class="tag"` : null} href="${searchHref(root, search)}">${label}</a>`;
  const about = [
    ...organizations.map(({ id, name: label }) => linked({ org: id }, label)),
    ...tags.slice(0, TAGS).map((tag) => linked({ tag }, tag)),
  ];
  return markup`<li><div class="when"><time datetime="${brief(startAt)}">${times.start}</time>${end} <small>${times.zone}</small></div><div><h3>${
    link === undefined ? name : markup`<a href="${link}" rel="noopener">${name}</a>`
  }${isRunning ? markup` <span class="badge good">on now</span>` : null}</h3>${where(event)}<p class="of">${joined(about, ' ')}</p></div></li>
`;
}

function where({ location, city, locationKind, hostName }: LumaEvent): Content {
  const place = location ?? city;
  const parts = [
    ...(place === undefined || place === '' ? [] : [markup`<bdi>${place}</bdi>`]),
    ...(locationKind === 'hybrid' ? ['in person and online'] : []),
    ...(locationKind === 'online' && place === undefined ? ['Online'] : []),
    ...(hostName === undefined ? [] : [markup`by <bdi>${hostName}</bdi>`]),
  ];
  return parts.length === 0 ? null : markup`<p>${joined(parts, ' · ')}</p>`;
}

function joined(parts: readonly Content[], between: string): Content {
  return parts.map((part, index) => (index === 0 ? part : [between, part]));
}

/** `2026-12-01T18:00Z` */
function brief(instant: Date): string {
  return instant.toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

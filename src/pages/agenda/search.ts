import type { AgendaQuery } from '../../read/agenda.js';

/** What a visitor looks for, as the address says it. Absent: anything. */
export interface Search {
  text?: string;
  org?: string;
  tag?: string;
  city?: string;
  /** Where the page begins. */
  after?: string;
}

const NAMES = { text: 'q', org: 'org', tag: 'tag', city: 'city', after: 'after' } as const;
type Field = keyof typeof NAMES;
const FIELDS = Object.keys(NAMES) as Field[];

/** Longer values find nothing, and make no page of their own. */
const MAX_LENGTH = 2_000;
const EVENTS_A_PAGE = 50;

/** @returns `null` for an address that no page of the agenda has */
export function readSearch(params: URLSearchParams): Search | null {
  const search: Search = {};
  for (const field of FIELDS) {
    const value = params.get(NAMES[field])?.trim() ?? '';
    if (value.length > MAX_LENGTH) return null;
    if (value !== '') search[field] = value;
  }
  return search;
}

/** The address of the page with these events. */
export function searchHref(root: string, search: Search): string {
  const params = new URLSearchParams();
  for (const field of FIELDS) {
    const value = search[field];
    if (value !== undefined) params.set(NAMES[field], value);
  }
  const query = params.toString();
  return `${root}/${query === '' ? '' : `?${query}`}`;
}

/** What runs, and what is to come. */
export function agendaQuery({ text, org, tag, city, after }: Search, now: Date): AgendaQuery {
  return {
    ...{ from: now, includeRunning: true, limit: EVENTS_A_PAGE },
    ...(text === undefined ? {} : { text }),
    ...(org === undefined ? {} : { orgs: [org] }),
    ...(tag === undefined ? {} : { tags: [tag] }),
    ...(city === undefined ? {} : { city }),
    ...(after === undefined ? {} : { cursor: after }),
  };
}

/** Whether not all events are asked for. */
export function isNarrowed({ text, org, tag, city }: Search): boolean {
  return [text, org, tag, city].some((value) => value !== undefined);
}

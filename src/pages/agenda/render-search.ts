import { type Html, markup } from '../markup.js';
import type { Choice, Choices } from './choices.js';
import { isNarrowed, type Search, searchHref } from './search.js';

/** The form that narrows the agenda. @param names of organizations, by their ids */
export function renderSearch(
  root: string,
  search: Search,
  choices: Choices,
  names: ReadonlyMap<string, string>,
): Html {
  const { organizations, cities, tags } = choices;
  const selects = [
    select('org', 'Organization', organizations, search.org, names.get(search.org ?? '')),
    select('city', 'City', cities, search.city),
    select('tag', 'Tag', tags, search.tag),
  ].filter((one) => one !== null);
  const isOpen = [search.org, search.city, search.tag].some((value) => value !== undefined);
  return markup`<form class="search" role="search" action="${root}/" method="get">
<div><label for="q">Search</label><input id="q" name="q" type="search" maxlength="200" value="${search.text}"></div>
<button>Find</button>
${
  selects.length === 0
    ? null
    : markup`<details${isOpen ? markup` open` : null}><summary>By organization, city or tag</summary><div class="fields">${selects}</div></details>`
}${isNarrowed(search) ? markup`<a href="${searchHref(root, {})}">Show all</a>` : null}
</form>`;
}

function select(
  name: string,
  label: string,
  choices: readonly Choice[],
  chosen: string | undefined,
  chosenLabel = chosen,
): Html | null {
  const isListed = chosen === undefined || choices.some(({ value }) => value === chosen);
  const all = isListed ? choices : [{ value: chosen, label: chosenLabel ?? chosen }, ...choices];
  if (all.length === 0) return null;
  const option = ({ value, label: text }: Choice) =>
    value === chosen
      ? markup`<option value="${value}" selected>${text}</option>`
      : value === text
        ? markup`<option>${text}</option>`
        : markup`<option value="${value}">${text}</option>`;
  return markup`<div><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">All</option>${all.map(option)}</select></div>`;
}

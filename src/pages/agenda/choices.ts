import type { Db } from 'mongodb';
import type { EventDoc } from '../../mongo/documents.js';
import { WRITTEN } from '../../read/event.js';
import { indexFor, readBy } from '../../read/hinted.js';
import { organizationNames } from '../organization-names.js';

export interface Choice {
  value: string;
  label: string;
}

/** What upcoming events can be narrowed to, by name. */
export interface Choices {
  organizations: Choice[];
  cities: Choice[];
  tags: Choice[];
}

/** A list in a form is for choosing, and a page is to stay light: those that most events have. */
const MOST = 25;
/** The next events, which are looked through for them. */
const LOOKED_THROUGH = 5_000;
const KEPT_MS = 60_000;

/** Reads the choices at most once a minute, however many visitors there are. */
export function choicesOf(now: () => Date): (db: Db) => Promise<Choices> {
  let kept: { at: number; choices: Promise<Choices> } | undefined;
  return async (db) => {
    const at = now().getTime();
    if (kept === undefined || Math.abs(at - kept.at) >= KEPT_MS) {
      const choices = readChoices(db, new Date(at));
      kept = { at, choices };
      // What failed is tried again by the next visitor.
      choices.catch(() => (kept = undefined));
    }
    return await kept.choices;
  };
}

async function readChoices(db: Db, from: Date): Promise<Choices> {
  const docs = await readBy(indexFor({}), 'read what events can be narrowed to', (hint) =>
    db
      .collection<EventDoc>('events')
      .find({ startAt: { $gte: from }, visibility: 'public', ...WRITTEN }, hint)
      .project<{ orgId: unknown; city?: unknown; tags?: unknown }>({ _id: 0, orgId: 1, city: 1, tags: 1 })
      .sort({ startAt: 1, _id: 1 })
      .limit(LOOKED_THROUGH)
      .toArray(),
  );
  const organizations = mostFrequent(docs.map(({ orgId }) => String(orgId)));
  const names = await organizationNames(db, organizations);
  return {
    organizations: sorted(organizations.map((id) => ({ value: id, label: names.get(id) ?? id }))),
    cities: sorted(mostFrequent(docs.map(({ city }) => city)).map(itself)),
    tags: sorted(
      mostFrequent(docs.flatMap(({ tags }) => (Array.isArray(tags) ? (tags as unknown[]) : []))).map(itself),
    ),
  };
}

function mostFrequent(values: readonly unknown[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (typeof value === 'string' && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([value]) => value);
}

function itself(value: string): Choice {
  return { value, label: value };
}

function sorted(choices: readonly Choice[]): Choice[] {
  return choices.toSorted((a, b) => a.label.localeCompare(b.label, 'en'));
}

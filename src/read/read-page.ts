import type { Collection, Filter } from 'mongodb';
import type { EventDoc } from '../mongo/documents.js';
import type { EventPosition } from './cursor.js';
import { EVENT_PROJECTION } from './event.js';
import { startsFilter, wantedFilter } from './filter.js';
import { indexFor, type IndexKeys, readBy, RUNNING_INDEX } from './hinted.js';
import type { CheckedQuery } from './query.js';

export interface DocumentsPage {
  docs: EventDoc[];
  /** Where the next page begins; `undefined`: this is the last one. */
  next?: EventPosition;
}

/**
 * One page of events, by start and `_id`.
 *
 * @param lookThrough events that are looked at for a text, before the page ends with a position to go on from
 * @throws StoreUnavailable
 */
export async function readPage(
  events: Collection<EventDoc>,
  query: CheckedQuery,
  lookThrough: number,
): Promise<DocumentsPage> {
  const { limit } = query;
  // Each by an index of its own: what runs began before all that is to come.
  const running = await readRunning(events, query);
  const coming =
    running.length > limit
      ? { found: [] }
      : await readComing(events, query, { before: running.length, lookThrough });
  const found = [...running, ...coming.found];
  const docs = found.slice(0, limit);
  const last = docs.at(-1);
  const isFull = found.length > limit && last !== undefined;
  const next = isFull ? { startAt: last.startAt, id: last._id } : coming.next;
  return { docs, ...(next === undefined ? {} : { next }) };
}

/** One more than the page holds, where there are so many. */
async function readRunning(events: Collection<EventDoc>, query: CheckedQuery): Promise<EventDoc[]> {
  const { includeRunning, from, to, position, limit } = query;
  if (!includeRunning || from === undefined) return [];
  if (position !== undefined && position.startAt >= from) return [];
  const starts = startsFilter({ to: to === undefined || to > from ? from : to }, position);
  const filter = { ...wantedFilter(query), ...starts, endAt: { $gt: from } };
  return await read(events, filter, { index: RUNNING_INDEX, limit: limit + 1 });
}

/** Events beginning in the range, and where to go on if not all of it was looked at. */
async function readComing(
  events: Collection<EventDoc>,
  query: CheckedQuery,
  { before, lookThrough }: { before: number; lookThrough: number },
): Promise<{ found: EventDoc[]; next?: EventPosition }> {
  const { from, to, position, limit } = query;
  const through = await edgeOf(events, query, lookThrough);
  const starts = startsFilter({ from, to, through }, position);
  const filter = { ...wantedFilter(query), ...starts };
  const found = await read(events, filter, { index: indexFor(query), limit: limit + 1 - before });
  return { found, ...(through === undefined ? {} : { next: { startAt: through, id: null } }) };
}

/**
 * How far one call looks for a text, which no index finds. The way there is along an index alone, without a document.
 */
async function edgeOf(
  events: Collection<EventDoc>,
  { words, orgIds, from, to, position }: CheckedQuery,
  lookThrough: number,
): Promise<Date | undefined> {
  if (words.length === 0) return undefined;
  const { startAt } = startsFilter({ from, to }, position);
  const index = indexFor({ orgIds });
  const edge = await readBy(index, 'look for the end of a search', (hint) =>
    events
      .find({ ...(orgIds === undefined ? {} : { orgId: { $in: orgIds } }), startAt }, hint)
      .project<Pick<EventDoc, 'startAt'>>({ _id: 0, startAt: 1 })
      .sort({ startAt: 1 })
      .skip(lookThrough)
      .limit(1)
      .next(),
  );
  return edge?.startAt;
}

async function read(
  events: Collection<EventDoc>,
  filter: Filter<EventDoc>,
  { index, limit }: { index: IndexKeys; limit: number },
): Promise<EventDoc[]> {
  return await readBy(index, 'read events', (hint) =>
    events
      .find(filter, hint)
      .project<EventDoc>(EVENT_PROJECTION)
      .sort({ startAt: 1, _id: 1 })
      .limit(limit)
      .toArray(),
  );
}

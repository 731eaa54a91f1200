import type { Filter } from 'mongodb';
import type { EventDoc } from '../mongo/documents.js';
import type { EventPosition } from './cursor.js';
import { WRITTEN } from './event.js';
import type { CheckedQuery } from './query.js';

/** Starts that are looked at: from `from` on (or every instant), before `to`, or up to `through`. */
export interface Starts {
  from?: Date;
  to?: Date;
  through?: Date;
}

/** The events that are asked for, wherever their start lies. */
export function wantedFilter({
  orgIds,
  tags,
  city,
  words,
  includeNonPublic,
}: Omit<CheckedQuery, 'limit' | 'position'>): Filter<EventDoc> {
  return {
    ...(orgIds === undefined ? {} : { orgId: oneOf(orgIds) }),
    ...(includeNonPublic ? {} : { visibility: 'public' }),
    ...(tags === undefined ? {} : { tags: oneOf(tags) }),
    ...(city === undefined ? {} : { city }),
    ...WRITTEN,
    ...(words.length === 0 ? {} : { $and: words.map(holdsWord) }),
  };
}

/**
 * Starts within limits, behind a position. The limits on `startAt` alone are what an index is walked by; the order
 * within one instant is the `_id`'s, of whichever type.
 */
export function startsFilter({ from, to, through }: Starts, after?: EventPosition): Filter<EventDoc> {
  const begins = after === undefined || (from !== undefined && after.startAt < from) ? from : after.startAt;
  const isWithin = begins !== undefined && begins === after?.startAt;
  const ends = {
    ...(to === undefined ? {} : { $lt: to }),
    ...(through === undefined ? {} : { $lte: through }),
  };
  if (begins === undefined) return { startAt: { $type: 'date', ...ends } };
  if (!isWithin) return { startAt: { $gte: begins, ...ends } };
  if (after.id === null) return { startAt: { $gt: begins, ...ends } };
  return {
    startAt: { $gte: begins, ...ends },
    $or: [
      { startAt: { $gt: begins } },
      { startAt: begins, $expr: { $gt: ['$_id', { $literal: after.id }] } },
    ],
  };
}

function oneOf<T>(values: readonly T[]): T | { $in: T[] } {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : { $in: [...values] };
}

const TEXTS = ['title', 'description', 'location', 'city', 'country', 'hostName', 'tags'] as const;

/** What is typed is text, and no pattern. */
function holdsWord(word: string): Filter<EventDoc> {
  const pattern = { $regex: word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), $options: 'i' };
  return { $or: TEXTS.map((name) => ({ [name]: pattern })) };
}

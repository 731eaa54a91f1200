import { z } from 'zod';
import { badRequest } from './api-error.js';
import { type FakeEvent, isoInstantSchema } from './event.js';

/** Where a page ends: the last event on it. Events may come and go between two pages without shifting the rest. */
interface Position {
  startMs: number;
  id: string;
}

export interface ListQuery {
  /** Starts at or after. */
  after?: Date | undefined;
  /** Starts before. */
  before?: Date | undefined;
  cursor?: Position | undefined;
  limit?: number | undefined;
  direction: 'asc' | 'desc';
  platforms: FakeEvent['platform'][];
  access: FakeEvent['access'][];
  status: FakeEvent['status'][];
}

export interface Page {
  events: FakeEvent[];
  /** How many events of the listing lie before this page. */
  offset: number;
  /** Null on the last page. */
  nextCursor: string | null;
}

/** A cursor from which the listing begins anew, for faults. */
export const startCursor = (): string => writeCursor({ startMs: -8.64e15, id: '' });

const cursorSchema = z.tuple([z.number(), z.string()]).transform(([startMs, id]) => ({ startMs, id }));
const querySchema = z.object({
  after: isoInstantSchema.optional(),
  before: isoInstantSchema.optional(),
  pagination_cursor: z
    .string()
    .transform(
      (text, context) => readCursor(text) ?? (context.addIssue('not a cursor of this list'), z.NEVER),
    )
    .optional(),
  pagination_limit: z.coerce.number().int().positive().optional(),
  sort_column: z.literal('start_at').optional(),
  sort_direction: z.enum(['asc', 'desc', 'asc nulls last', 'desc nulls last']).default('asc'),
  platforms: z.array(z.enum(['luma', 'external'])).default(['luma']),
  access: z.array(z.enum(['manage', 'view'])).default(['manage']),
  status: z.array(z.enum(['approved', 'pending'])).default(['approved']),
});
const REPEATED = ['platforms', 'access', 'status'];

/** Parameters that Luma does not know are ignored, as it does. Throws a 400 that names the ones it cannot read. */
export function readListQuery(params: URLSearchParams): ListQuery {
  const raw = Object.fromEntries(
    [...new Set(params.keys())].map((name) => [
      name,
      REPEATED.includes(name) ? params.getAll(name) : params.get(name),
    ]),
  );
  const read = querySchema.safeParse(raw);
  if (!read.success) {
    const names = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
    throw badRequest(`Invalid value for ${names.join(', ')}.`);
  }
  const { pagination_cursor, pagination_limit, sort_direction, after, before, platforms, access, status } =
    read.data;
  return {
    after,
    before,
    cursor: pagination_cursor,
    limit: pagination_limit,
    direction: sort_direction.startsWith('desc') ? 'desc' : 'asc',
    platforms,
    access,
    status,
  };
}

/**
 * The page the query asks for. `sorted` is in ascending order. Limits above `maxPageSize` are clamped; `overlap` repeats
 * the last entry of the page before.
 */
export function readPage(
  sorted: readonly FakeEvent[],
  query: ListQuery,
  maxPageSize: number,
  overlap: boolean,
): Page {
  const { after, before, cursor, direction } = query;
  const matching = sorted.filter(
    (event) =>
      query.platforms.includes(event.platform) &&
      query.access.includes(event.access) &&
      query.status.includes(event.status) &&
      (after === undefined || event.start_at >= after) &&
      (before === undefined || event.start_at < before),
  );
  if (direction === 'desc') matching.reverse();
  const sign = direction === 'desc' ? -1 : 1;
  const found = cursor
    ? matching.findIndex((event) => sign * comparePositions(positionOf(event), cursor) > 0)
    : 0;
  const offset = found < 0 ? matching.length : found;
  const end = offset + Math.min(query.limit ?? maxPageSize, maxPageSize);
  const last = matching[end - 1];
  const first = overlap && offset > 0 ? offset - 1 : offset;
  return {
    events: matching.slice(first, end),
    offset: first,
    nextCursor: last !== undefined && end < matching.length ? writeCursor(positionOf(last)) : null,
  };
}

export function compareEvents(a: FakeEvent, b: FakeEvent): number {
  return comparePositions(positionOf(a), positionOf(b));
}

const positionOf = (event: FakeEvent): Position => ({ startMs: event.start_at.getTime(), id: event.id });

function comparePositions(a: Position, b: Position): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function writeCursor({ startMs, id }: Position): string {
  return Buffer.from(JSON.stringify([startMs, id])).toString('base64url');
}

function readCursor(text: string): Position | undefined {
  try {
    return cursorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

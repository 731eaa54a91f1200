/**
 * The envelopes of Luma's answers. Unknown fields pass, and so does whatever an entry holds: one entry that
 * cannot be used must not cost the page (see mapping.ts).
 */
import { z } from 'zod';
import { LIMITS } from './limits.js';
import { isBlank, isLongerThan } from './text.js';

/** A cursor is sent back in a URL and kept in the database: an endless one is no cursor. */
const cursor = z.string().max(4_096);

export const pageSchema = z.looseObject({
  entries: z.array(z.unknown()).max(LIMITS.entriesPerPage),
  has_more: z.boolean(),
  next_cursor: cursor.nullish(),
});

/** An empty text says no more than its absence. */
const text = (codePoints: number) =>
  z
    .string()
    .refine((value) => !isLongerThan(value, codePoints))
    .transform((value) => (isBlank(value) ? null : value))
    .nullish();

export const calendarSchema = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  name: text(1_000),
  url: text(LIMITS.address),
});

export const eventSchema = z.looseObject({ id: z.string().min(1) });

import { ObjectId } from 'mongodb';
import { z } from 'zod';
import { isObjectId } from '../mongo/object-id.js';

/** How far events were read, in order of start and `_id`. */
export interface EventPosition {
  startAt: Date;
  /** Of the last event that was read; `null`: all that begin then were. */
  id: unknown;
}

/** Not a cursor that an earlier read returned. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
  constructor() {
    super('the cursor is none that an earlier read of events returned: leave it out to begin anew');
  }
}

const VERSION = 1;
const MAX_MS = 8.64e15;
const MAX_LENGTH = 2_000;

/** An `_id` is an ObjectId, but for documents of an earlier program that were taken over. */
const schema = z.tuple([
  z.literal(VERSION),
  z.int().min(-MAX_MS).max(MAX_MS),
  z.union([
    z.tuple([z.literal('oid'), z.string().regex(/^[0-9a-f]{24}$/)]),
    z.tuple([z.literal('value'), z.union([z.string(), z.number()])]),
    z.null(),
  ]),
]);

export function cursorText({ startAt, id }: EventPosition): string {
  return Buffer.from(JSON.stringify([VERSION, startAt.getTime(), idPart(id)])).toString('base64url');
}

/** @throws CursorInvalid */
export function parseCursor(text: unknown): EventPosition {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) throw new CursorInvalid();
  try {
    const [, ms, part] = schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    const position: EventPosition = { startAt: new Date(ms), id: idOf(part) };
    if (cursorText(position) === text) return position;
  } catch {
    // It is refused below.
  }
  throw new CursorInvalid();
}

type IdPart = z.infer<typeof schema>[2];

function idPart(id: unknown): IdPart {
  if (isObjectId(id)) return ['oid', id.toHexString()];
  return typeof id === 'string' || typeof id === 'number' ? ['value', id] : null;
}

function idOf(part: IdPart): unknown {
  if (part === null) return null;
  return part[0] === 'oid' ? new ObjectId(part[1]) : part[1];
}

import { ObjectId } from 'mongodb';
import { z } from 'zod';
import type { OrgId } from './documents.js';

/** How far the changes of one organization were read. */
export interface OrgPosition {
  orgId: OrgId;
  /** The instant of the last change that was told. */
  atMs: number;
  /** The events of that instant that were told; `null`: all of them, and none will be added. */
  told: string[] | null;
}

/** By {@link keyOf} the organization's id. An organization that is not there is read from its beginning. */
export type Position = Map<string, OrgPosition>;

/** Not a position that an earlier read returned. */
export class PositionInvalid extends Error {
  override readonly name = 'PositionInvalid';
}

const VERSION = 1;

const schema = z.tuple([
  z.literal(VERSION),
  z.array(
    z.tuple([
      z.enum(['string', 'objectId']),
      z.string(),
      z.number().int(),
      z.union([z.null(), z.array(z.string())]),
    ]),
  ),
]);

/** The same id as another BSON type is another organization. */
export function keyOf(orgId: OrgId): string {
  return typeof orgId === 'string' ? `string:${orgId}` : `objectId:${orgId.toHexString()}`;
}

export function positionText(position: Position): string {
  const orgs = [...position.values()].map(({ orgId, atMs, told }) => [
    typeof orgId === 'string' ? 'string' : 'objectId',
    String(orgId),
    atMs,
    told,
  ]);
  return Buffer.from(JSON.stringify([VERSION, orgs])).toString('base64url');
}

/** @throws PositionInvalid */
export function parsePosition(text: string): Position {
  const position: Position = new Map();
  try {
    const [, orgs] = schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    for (const [type, id, atMs, told] of orgs) {
      const orgId = type === 'string' ? id : new ObjectId(id);
      position.set(keyOf(orgId), { orgId, atMs, told });
    }
  } catch {
    throw new PositionInvalid('the position is none that an earlier read of changes returned');
  }
  return position;
}

import type { Collections } from './collections.js';
import { keyOf, type OrgPosition, parsePosition, type Position, positionText } from './change-position.js';
import type { EventDoc, OrgId, RemovalReason, RemovedEventDoc } from './documents.js';
import { guarded } from './errors.js';
import { newestInstants } from './newest-instants.js';
import { isObjectId } from './object-id.js';
import { CONSIDERED } from './stored-event.js';

/** An event without MongoDB's own id. */
export type ChangedEvent = Omit<EventDoc, '_id' | 'fingerprint'>;

type RemovedEvent = Omit<RemovedEventDoc, '_id'>;

export type Change =
  /** New, different, or back again: `event` is what readers see now. */
  | { kind: 'changed'; event: ChangedEvent }
  /** Gone; `event` is its last state. */
  | { kind: 'removed'; event: ChangedEvent; removedAt: Date; reason: RemovalReason };

export interface ChangePage {
  /** In order for each organization; of what changed several times, the last state only. */
  changes: Change[];
  /** Where the next page begins: text to keep. */
  position: string;
  /** There is more to read at once. */
  more: boolean;
}

export interface ChangeQuery {
  /** One organization, by each id that may be its own; `null`: all of them. */
  orgIds: readonly OrgId[] | null;
  /** `position` of the page before; `null`: from the beginning. */
  since: string | null;
  /** Changes a page. */
  limit: number;
}

export type ChangeStore = ReturnType<typeof changeStore>;

/** A change and its instant. */
interface Dated {
  atMs: number;
  id: string;
  change: Change;
}

/** Removed events looked at together. */
const CHUNK = 500;

/**
 * The changes of `events`, followed by query.
 *
 * Every batch of writes of one organization has an instant of its own, later than all before it, and is written
 * before the next one begins. So what is older than the newest instant is whole, and only the newest may still be
 * under way: of that one a position remembers which events were told already.
 */
export function changeStore({ events, removedEvents, organizations }: Collections) {
  /** The newest instant of each organization, ms. Batches before it are whole in every later read. */
  async function newestOfEach(
    orgIds: readonly OrgId[] | null,
  ): Promise<Map<string, { orgId: OrgId; newestMs: number }>> {
    const found: { _id: unknown; newest: unknown }[] = [];
    await guarded('read newest changes', async () => {
      for (const orgId of orgIds ?? [null]) {
        found.push(
          ...(await events.aggregate<(typeof found)[0]>(newestInstants('changedAt', orgId)).toArray()),
          ...(await removedEvents.aggregate<(typeof found)[0]>(newestInstants('removedAt', orgId)).toArray()),
        );
      }
    });
    const newest = new Map<string, { orgId: OrgId; newestMs: number }>();
    for (const { _id, newest: at } of found) {
      // Of another program: dates sort after all that it may have there instead.
      if (!(at instanceof Date) || !isOrgId(_id)) continue;
      const key = keyOf(_id);
      const newestMs = Math.max(at.getTime(), newest.get(key)?.newestMs ?? 0);
      newest.set(key, { orgId: _id, newestMs });
    }
    return new Map([...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Whether all syncs that were under way have ended well: then the newest batch is whole too. */
  async function isAtRest(orgId: OrgId): Promise<boolean> {
    const org = await guarded('read organization', () =>
      organizations.findOne({ _id: orgId }, { projection: { 'lumaSync.state': 1 } }),
    );
    return org?.lumaSync?.state === 'ok';
  }

  async function changed(orgId: OrgId, range: Range, limit: number): Promise<Dated[]> {
    const docs = await guarded('read changed events', () =>
      events
        .find({ ...CONSIDERED, orgId, changedAt: range.instants })
        .project<ChangedEvent>({ _id: 0, fingerprint: 0 })
        .sort({ changedAt: 1 })
        .limit(limit + range.told.size)
        .toArray(),
    );
    return docs
      .map((event): Dated => {
        const atMs = event.changedAt.getTime();
        return { atMs, id: event.lumaEventId, change: { kind: 'changed', event } };
      })
      .filter((one) => !range.isTold(one));
  }

  /** One that is in `events` as well is on its way out, or came back: not removed. */
  async function removed(orgId: OrgId, range: Range, limit: number): Promise<Dated[]> {
    const found: Dated[] = [];
    const cursor = removedEvents
      .find({ orgId, removedAt: range.instants })
      .project<RemovedEvent>({ _id: 0 })
      .sort({ removedAt: 1 });
    const settle = async (docs: readonly RemovedEvent[]) => {
      const ids = docs.map((doc) => doc.lumaEventId);
      const held = await events
        .find({ orgId, lumaEventId: { $in: ids } })
        .project<{ lumaEventId: string }>({ _id: 0, lumaEventId: 1 })
        .toArray();
      const there = new Set(held.map((doc) => doc.lumaEventId));
      found.push(...docs.filter((doc) => !there.has(doc.lumaEventId)).map(datedRemoval));
    };
    await guarded('read removed events', async () => {
      let docs: RemovedEvent[] = [];
      for await (const doc of cursor) {
        if (!range.isTold(datedRemoval(doc))) docs.push(doc);
        if (docs.length < CHUNK) continue;
        await settle(docs);
        docs = [];
        if (found.length >= limit) return;
      }
      await settle(docs);
    });
    return found;
  }

  /** The next changes of one organization. */
  async function readOrg(orgId: OrgId, since: OrgPosition | undefined, newestMs: number, limit: number) {
    // In this order: a sync that is at rest now wrote all of the newest batch before what is read next.
    const atRest = await isAtRest(orgId);
    const range = rangeOf(since, newestMs);
    const found = [
      ...(await changed(orgId, range, limit + 1)),
      ...(await removed(orgId, range, limit + 1)),
    ].toSorted((a, b) => a.atMs - b.atMs);
    const page = found.slice(0, limit);
    const next = found[limit];
    const last = page.at(-1)?.atMs ?? since?.atMs;
    if (last === undefined) return { page, more: next !== undefined, position: undefined };
    const whole = (last < newestMs || atRest) && next?.atMs !== last;
    const toldNow = page.filter(({ atMs }) => atMs === last).map(({ id }) => id);
    const toldBefore = since?.atMs === last ? (since.told ?? []) : [];
    const position: OrgPosition = { orgId, atMs: last, told: whole ? null : [...toldBefore, ...toldNow] };
    return { page, more: next !== undefined, position };
  }

  return {
    /** @throws PositionInvalid, StoreUnavailable */
    async read({ orgIds, since, limit }: ChangeQuery): Promise<ChangePage> {
      const position: Position = since === null ? new Map<string, OrgPosition>() : parsePosition(since);
      const changes: Change[] = [];
      for (const [key, newest] of await newestOfEach(orgIds)) {
        const known = position.get(key);
        if (known?.told === null && known.atMs >= newest.newestMs) continue;
        const left = limit - changes.length;
        const read = await readOrg(newest.orgId, known, newest.newestMs, left);
        changes.push(...read.page.map(({ change }) => change));
        if (read.position !== undefined) position.set(key, read.position);
        if (read.more) return { changes, position: positionText(position), more: true };
      }
      return { changes, position: positionText(position), more: false };
    },
  };
}

function isOrgId(id: unknown): id is OrgId {
  return typeof id === 'string' || isObjectId(id);
}

interface Range {
  instants: { $gte?: Date; $gt?: Date; $lte: Date };
  /** Ids told of the first instant. */
  told: ReadonlySet<string>;
  isTold: (one: Dated) => boolean;
}

function rangeOf(since: OrgPosition | undefined, newestMs: number): Range {
  const $lte = new Date(newestMs);
  if (since === undefined) return { instants: { $lte }, told: new Set(), isTold: () => false };
  const after = new Date(since.atMs);
  const told = new Set(since.told);
  return {
    instants: since.told === null ? { $gt: after, $lte } : { $gte: after, $lte },
    told,
    isTold: ({ atMs, id }) => atMs === since.atMs && told.has(id),
  };
}

function datedRemoval({ removedAt, removalReason, ...event }: RemovedEvent): Dated {
  return {
    atMs: removedAt.getTime(),
    id: event.lumaEventId,
    change: { kind: 'removed', event, removedAt, reason: removalReason },
  };
}

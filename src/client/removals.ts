import type { HeldRemovalDoc } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import { checkId, checkIdsOrAll, checkOptionalId } from './arguments.js';

/** A removal that was held back, because so many events would have gone at once. */
export interface HeldRemoval extends Omit<HeldRemovalDoc, '_id' | 'orgId'> {
  orgId: string;
}

export interface RemovalsDecided {
  /** Removals that were decided on now. */
  decided: number;
  /** Removals of the organization that still wait. */
  waiting: number;
}

/** These events are not among the organization's removals that are held back. */
export class RemovalNotHeld extends Error {
  override readonly name = 'RemovalNotHeld';

  constructor(
    readonly orgId: string,
    readonly ids: readonly string[],
  ) {
    super(`no removal of ${ids.join(', ')} is held back for organization ${JSON.stringify(orgId)}`);
  }
}

/** Removals that wait for a person. All throw InvalidArgument, OrgNotFound and StoreUnavailable. */
export interface HeldRemovals {
  /** By organization and start; those that were decided on too, until a sync has acted on it. */
  list(orgId?: string): Promise<HeldRemoval[]>;
  /**
   * Lets events go: with the next sync, which asks Luma about each of them again first.
   * @param ids `all`: all that wait. @throws RemovalNotHeld, and decides nothing
   */
  approve(orgId: string, ids: readonly string[] | 'all'): Promise<RemovalsDecided>;
  /** Keeps events, until a listing shows them again. Parameters and errors as of `approve`. */
  reject(orgId: string, ids: readonly string[] | 'all'): Promise<RemovalsDecided>;
}

export function heldRemovalsOf(store: () => Promise<Store>): HeldRemovals {
  async function decide(
    orgId: string,
    decision: 'approved' | 'rejected',
    ids: readonly string[] | 'all',
  ): Promise<RemovalsDecided> {
    checkId(orgId, 'orgId');
    checkIdsOrAll(ids, 'ids');
    const { organizations, heldRemovals } = await store();
    const { _id } = await organizations.get(orgId);
    if (ids !== 'all') {
      const held = new Set((await heldRemovals.list(_id)).map(({ lumaEventId }) => lumaEventId));
      const unknown = ids.filter((id) => !held.has(id));
      if (unknown.length > 0) throw new RemovalNotHeld(orgId, unknown);
    }
    const decided = await heldRemovals.decide(_id, decision, ids === 'all' ? null : ids, new Date());
    const waiting = await heldRemovals.countWaiting(_id);
    await organizations.noteRemovalsHeld(_id, waiting);
    return { decided, waiting };
  }

  return {
    async list(orgId) {
      checkOptionalId(orgId, 'orgId');
      const { organizations, heldRemovals } = await store();
      const _id = orgId === undefined ? undefined : (await organizations.get(orgId))._id;
      return (await heldRemovals.list(_id)).map(
        ({ orgId: of, lumaEventId, title, startAt, reason, decision, heldAt, decidedAt }) => ({
          ...{ orgId: String(of), lumaEventId, title, startAt, reason, decision, heldAt },
          ...(decidedAt === undefined ? {} : { decidedAt }),
        }),
      );
    },
    approve: (orgId, ids) => decide(orgId, 'approved', ids),
    reject: (orgId, ids) => decide(orgId, 'rejected', ids),
  };
}

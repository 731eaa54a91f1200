import type { DecisionDoc, HeldRemovalDoc } from '../mongo/documents.js';
import type { Store } from '../mongo/store.js';
import { checkId, checkIdsOrAll, checkOptionalId } from './arguments.js';
import { type DecidedBy, personOf } from './person.js';

/** A removal that was held back, because so many events would have gone at once. */
export interface HeldRemoval extends Omit<HeldRemovalDoc, '_id' | 'orgId'> {
  orgId: string;
}

export interface RemovalsDecided {
  /** How many removals were decided on now. */
  decided: number;
  /** Those. */
  lumaEventIds: string[];
  /** Events that a sync had removed already: nothing was decided about them. */
  alreadyGone: string[];
  /** Removals of the organization that still wait. */
  waiting: number;
}

/** What a person decided about an organization. */
export interface Decision extends Omit<DecisionDoc, '_id' | 'orgId'> {
  orgId: string;
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

/** Somebody had decided on these removals already: that stands, and nothing else was decided. */
export class RemovalAlreadyDecided extends Error {
  override readonly name = 'RemovalAlreadyDecided';

  constructor(
    readonly orgId: string,
    readonly removals: readonly HeldRemoval[],
  ) {
    const said = removals.slice(0, NAMED).map(
      ({ lumaEventId, decision, decidedBy, decidedAt }) =>
        // A document edited by hand may lack either.
        `${lumaEventId} was ${decision} by ${decidedBy ?? 'somebody'} at ${decidedAt?.toISOString() ?? 'an unknown time'}`,
    );
    const more = removals.length - said.length;
    super(`nothing was decided: ${said.join(', ')}${more > 0 ? `, and ${more} more were decided on` : ''}`);
  }
}

/** In a message for a person. */
const NAMED = 3;

export interface DecideOptions extends DecidedBy {
  /**
   * Decides nothing where somebody has decided on one of them before: for who was shown a list a while ago. Default: the
   * last word counts, as long as no sync has carried out the one before.
   */
  onlyWaiting?: boolean;
}

/** Removals that wait for a person. All throw InvalidArgument, OrgNotFound and StoreUnavailable. */
export interface HeldRemovals {
  /** By organization and start; those that were decided on too, until a sync has acted on it. */
  list(orgId?: string): Promise<HeldRemoval[]>;
  /**
   * Lets events go: with the next sync, which asks Luma about each of them again first.
   * @param ids `all`: all that wait
   * @throws RemovalNotHeld, RemovalAlreadyDecided (with `onlyWaiting`), RangeError, and decides nothing
   */
  approve(orgId: string, ids: readonly string[] | 'all', options?: DecideOptions): Promise<RemovalsDecided>;
  /** Keeps events, until a listing shows them again. Parameters and errors as of `approve`. */
  reject(orgId: string, ids: readonly string[] | 'all', options?: DecideOptions): Promise<RemovalsDecided>;
  /** Who decided what, the latest first; `rebind` too. @param query.limit default 100 */
  history(query?: { orgId?: string; limit?: number }): Promise<Decision[]>;
}

export function heldRemovalsOf(store: () => Promise<Store>): HeldRemovals {
  async function decide(
    orgId: string,
    decision: 'approved' | 'rejected',
    ids: readonly string[] | 'all',
    options: DecideOptions,
  ): Promise<RemovalsDecided> {
    checkId(orgId, 'orgId');
    checkIdsOrAll(ids, 'ids');
    const by = personOf(options);
    const { organizations, heldRemovals, decisions } = await store();
    const { _id } = await organizations.get(orgId);
    const { decided, alreadyGone, unknown, decidedBefore } = await decisions.onRemovals(_id, {
      ...{ decision, by, onlyWaiting: options.onlyWaiting },
      ids: ids === 'all' ? null : ids,
    });
    if (unknown.length > 0) throw new RemovalNotHeld(orgId, unknown);
    if (decidedBefore.length > 0) throw new RemovalAlreadyDecided(orgId, decidedBefore.map(heldRemovalOf));
    let waiting = await heldRemovals.countWaiting(_id);
    for (let noted = -1; noted !== waiting; waiting = await heldRemovals.countWaiting(_id)) {
      // Who decides at the same moment counts and notes too: the last one to note is right.
      await organizations.noteRemovalsHeld(_id, waiting);
      noted = waiting;
    }
    return { decided: decided.length, waiting, lumaEventIds: decided, alreadyGone };
  }

  return {
    async list(orgId) {
      checkOptionalId(orgId, 'orgId');
      const { organizations, heldRemovals } = await store();
      const _id = orgId === undefined ? undefined : (await organizations.get(orgId))._id;
      return (await heldRemovals.list(_id)).map(heldRemovalOf);
    },
    approve: (orgId, ids, options = {}) => decide(orgId, 'approved', ids, options),
    reject: (orgId, ids, options = {}) => decide(orgId, 'rejected', ids, options),
    async history({ orgId, limit = 100 } = {}) {
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new RangeError('limit is no whole number from 1 on');
      const { organizations, decisions } = await store();
      const _id = orgId === undefined ? undefined : (await organizations.get(orgId))._id;
      return (await decisions.list(_id, limit)).map(
        ({ orgId: of, at, by, kind, lumaEventIds, calendarId }) => ({
          ...{ orgId: String(of), at, by, kind },
          lumaEventIds,
          calendarId,
        }),
      );
    },
  };
}

function heldRemovalOf(doc: HeldRemovalDoc): HeldRemoval {
  const { orgId, lumaEventId, title, startAt, reason, decision, heldAt, decidedAt, decidedBy } = doc;
  return {
    ...{ orgId: String(orgId), lumaEventId, title, startAt, reason, decision, heldAt },
    ...{ decidedAt, decidedBy },
  };
}

import { type ClientSession, ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import { decideRemovals, type RemovalDecision, type RemovalsDecision } from './decide-removals.js';
import type { DecisionDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';
import { inTransaction } from './transaction.js';
import { countUnseenRemovals } from './unseen-removals.js';

export type NewDecision = Omit<DecisionDoc, '_id' | 'at'>;
export type DecisionStore = ReturnType<typeof decisionStore>;

/** `decisions`: what persons decided, who and when. Documents are added and never changed or deleted. */
export function decisionStore(collections: Collections) {
  const { decisions, organizations } = collections;
  const { client } = decisions.db;

  /** With the instant of the database, which all machines share. Lets the driver's errors through. */
  async function add(decision: NewDecision, session: ClientSession): Promise<void> {
    const { localTime } = await decisions.db.command({ hello: 1 });
    await decisions.insertOne({ _id: new ObjectId(), ...decision, at: localTime as Date }, { session });
  }

  return {
    /** @param session where what was decided is written in the same transaction; driver errors then pass */
    async record(decision: NewDecision, session?: ClientSession): Promise<void> {
      if (session !== undefined) await add(decision, session);
      else await guarded('record a decision', () => client.withSession((single) => add(decision, single)));
    },

    /** The latest ones first. Without an organization: of all. */
    async list(orgId: OrgId | undefined, limit: number): Promise<DecisionDoc[]> {
      return await guarded('read decisions', () =>
        decisions
          .find(orgId === undefined ? {} : { orgId })
          .sort({ at: -1, _id: -1 })
          .limit(limit)
          .toArray(),
      );
    },

    /** See unseen-removals.ts. */
    countUnseenRemovals: (orgId: OrgId, query: { since: Date; session?: ClientSession | undefined }) =>
      countUnseenRemovals(collections, orgId, query),

    /** Decides on removals that are held back, and records it, both or neither. */
    async onRemovals(orgId: OrgId, decision: RemovalDecision): Promise<RemovalsDecision> {
      return await guarded('decide on held removals', () =>
        inTransaction(client, async (session) => {
          const outcome = await decideRemovals(collections, orgId, decision, session);
          if (outcome.decided.length > 0) {
            const kind = decision.decision === 'approved' ? 'removals-approved' : 'removals-rejected';
            await add({ orgId, by: decision.by, kind, lumaEventIds: outcome.decided }, session);
          }
          return outcome;
        }),
      );
    },

    /**
     * Forgets which calendar the organization is of, and records it: the next sync binds it to the one its key opens.
     * @returns the calendar that was forgotten; `null`: there was none, and nothing is recorded
     */
    async rebind(_id: OrgId, by: string): Promise<string | null> {
      return await guarded('rebind organization', () =>
        inTransaction(client, async (session) => {
          const before = await organizations.findOneAndUpdate(
            { _id, 'lumaSync.calendarId': { $type: 'string' } },
            { $unset: { 'lumaSync.calendarId': '', 'lumaSync.calendarName': '' } },
            { projection: { 'lumaSync.calendarId': 1 }, session },
          );
          const calendarId = before?.lumaSync?.calendarId;
          if (calendarId === undefined) return null;
          await add({ orgId: _id, by, kind: 'rebind', calendarId }, session);
          return calendarId;
        }),
      );
    },
  };
}

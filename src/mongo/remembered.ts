import type { EventState } from '../events/event-state.js';
import type { Collections } from './collections.js';
import type { CalendarShapeDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';

/** What is remembered of an organization beside its events. */
export interface Remembered {
  /**
   * Events of which nothing is settled by what a listing says of them again: removals that wait for a person, and what
   * listings have put into quarantine.
   */
  asked: Set<string>;
  states: Map<string, EventState>;
  /** Of the calendar that was listed last; `null`: none was. */
  shape: CalendarShapeDoc | null;
}

/** One answer holds so many: for most calendars there is no second one. */
const BATCH = 10_000;

type Found = { asked: string | null } | { shape: CalendarShapeDoc } | ({ lumaEventId: string } & EventState);

/**
 * Mostly it is little, and all of it is read by one command.
 * @param only what is asked for; absent: everything
 */
export async function readRemembered(
  collections: Collections,
  orgId: OrgId,
  { only }: { only?: 'asked' } = {},
): Promise<Remembered> {
  const { heldRemovals, quarantinedEntries, eventStates, calendarShapes } = collections;
  const and = (coll: string, ...pipeline: object[]) => ({ $unionWith: { coll, pipeline } });
  const asked = { $project: { _id: 0, asked: '$lumaEventId' } };
  const states = and(eventStates.collectionName, { $match: { orgId } }, { $project: { _id: 0, orgId: 0 } });
  const shape = [{ $match: { _id: orgId } }, { $project: { _id: 0, shape: '$$ROOT' } }];
  const pipeline = [
    { $match: { orgId } },
    asked,
    and(quarantinedEntries.collectionName, { $match: { orgId, source: 'listing' } }, asked),
    ...(only === 'asked' ? [] : [states, and(calendarShapes.collectionName, ...shape)]),
  ];
  const found = await guarded('read what is remembered', () =>
    heldRemovals.aggregate<Found>(pipeline, { batchSize: BATCH }).toArray(),
  );
  const all: Remembered = { asked: new Set(), states: new Map(), shape: null };
  for (const one of found) {
    if ('shape' in one) all.shape = one.shape;
    else if ('lumaEventId' in one) all.states.set(one.lumaEventId, one);
    else if (typeof one.asked === 'string') all.asked.add(one.asked);
  }
  return all;
}

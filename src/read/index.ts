/**
 * Reading events, with nothing but a MongoDB `Db`: the driver's, or Mongoose's `connection.db`.
 *
 *     const { events, cursor } = await findEvents(db, { from: new Date(), limit: 20 });
 */
export { InvalidArgument } from '../arguments.js';
export type { Coordinates, LocationKind } from '../events/event.js';
export { PositionInvalid } from '../mongo/change-position.js';
export type { Change, ChangedEvent, ChangePage } from '../mongo/changes.js';
export type { EventDoc, OrgId, RemovalReason, RemovedEventDoc } from '../mongo/documents.js';
export { StoreMisused, StoreUnavailable } from '../mongo/errors.js';
export { agenda, type Agenda, type AgendaDay, type AgendaQuery } from './agenda.js';
export { readChanges, type ChangesQuery } from './changes.js';
export { CursorInvalid } from './cursor.js';
export type { EventsDb } from './db.js';
export type { LumaEvent } from './event.js';
export { type EventsPage, findEvents } from './find-events.js';
export type { EventsQuery, OrgObjectId } from './query.js';
export { eventSchema } from './schema.js';

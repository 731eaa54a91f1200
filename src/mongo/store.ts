import { type Db, MongoClient, MongoError } from 'mongodb';
import { changeStore, type ChangeStore } from './changes.js';
import { collectionsOf, ensureIndexes } from './collections.js';
import { decisionStore, type DecisionStore } from './decisions.js';
import { guarded, StoreUnavailable } from './errors.js';
import { calendarShapeStore, type CalendarShapeStore } from './calendar-shapes.js';
import { eventStateStore, type EventStateStore } from './event-states.js';
import { eventStore, type EventStore } from './events.js';
import { fenceStore, type FenceStore } from './fence.js';
import { heldRemovalStore, type HeldRemovalStore } from './held-removals.js';
import { type OrganizationStore, organizationStore } from './organizations.js';
import { type QuarantineStore, quarantineStore } from './quarantine.js';
import { type StagedPageStore, stagedPageStore } from './staged-pages.js';
import { serverClock } from './server-clock.js';
import { type SyncRunStore, syncRunStore } from './sync-runs.js';

export interface StoreOptions {
  uri: string;
  /** Name of the database. */
  db: string;
  /** How long to look for a server, ms. Default 5,000. */
  connectTimeoutMs?: number;
}

/** Everything that is kept in MongoDB, one store a concern. */
export interface Store {
  db: Db;
  organizations: OrganizationStore;
  fences: FenceStore;
  events: EventStore;
  stagedPages: StagedPageStore;
  quarantine: QuarantineStore;
  states: EventStateStore;
  heldRemovals: HeldRemovalStore;
  decisions: DecisionStore;
  shapes: CalendarShapeStore;
  runs: SyncRunStore;
  changes: ChangeStore;
  /** The time, by MongoDB's clock: the one that all workers share. */
  now: () => Date;
  /** Creates collections and indexes that are missing. Idempotent. */
  ensureIndexes(): Promise<void>;
  close(): Promise<void>;
}

/** Connects, and proves it with a ping. @throws StoreUnavailable, with the hosts and never the credentials */
export async function connectStore({
  uri,
  db: name,
  connectTimeoutMs = 5_000,
}: StoreOptions): Promise<Store> {
  const client = openClient(uri, connectTimeoutMs);
  try {
    const now = await guarded(`connecting to ${hostsOf(client)}`, () => serverClock(client.db(name)));
    return storeOf(client.db(name), { now, close: () => client.close() });
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The stores over a database that somebody else opened and closes. */
export function storeOf(
  db: Db,
  { now, close = () => Promise.resolve() }: { now: () => Date; close?: () => Promise<void> },
): Store {
  const collections = collectionsOf(db);
  return {
    db,
    organizations: organizationStore(collections),
    fences: fenceStore(db, collections),
    events: eventStore(collections),
    stagedPages: stagedPageStore(collections),
    quarantine: quarantineStore(collections),
    states: eventStateStore(collections),
    heldRemovals: heldRemovalStore(collections),
    decisions: decisionStore(collections),
    shapes: calendarShapeStore(collections),
    runs: syncRunStore(collections),
    changes: changeStore(collections),
    now,
    ensureIndexes: () => ensureIndexes(db),
    close,
  };
}

function openClient(uri: string, connectTimeoutMs: number): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'luma-sync',
      ignoreUndefined: true,
      serverSelectionTimeoutMS: connectTimeoutMs,
      connectTimeoutMS: connectTimeoutMs,
    });
  } catch (error) {
    // The driver's message may quote the URI, and so a password.
    throw new StoreUnavailable(
      'reading the connection string',
      error instanceof MongoError ? error.name : 'invalid',
    );
  }
}

function hostsOf(client: MongoClient): string {
  const { hosts, srvHost } = client.options;
  return srvHost ?? hosts.map(String).join(', ');
}

import { type Db, MongoClient, MongoError } from 'mongodb';
import { collectionsOf, ensureIndexes, type IndexesFound, lookAtIndexes } from './collections.js';
import { decisionStore, type DecisionStore } from './decisions.js';
import type { OrgId } from './documents.js';
import { driverOptions, type DriverLimits, withoutDecided } from './driver-options.js';
import { guarded, StoreUnavailable } from './errors.js';
import { calendarShapeStore, type CalendarShapeStore } from './calendar-shapes.js';
import { eventStateStore, type EventStateStore } from './event-states.js';
import { eventStore, type EventStore } from './events.js';
import { fenceStore, type FenceStore } from './fence.js';
import { heldRemovalStore, type HeldRemovalStore } from './held-removals.js';
import { type KeyringCheckStore, keyringCheckStore } from './keyring-checks.js';
import { type NeedStore, needStore } from './needs.js';
import { openQuestions } from './open-questions.js';
import { type OverviewStore, overviewStore } from './overview.js';
import { type OrganizationStore, organizationStore } from './organizations.js';
import { type QuarantineStore, quarantineStore } from './quarantined-entries.js';
import { type StagedPageStore, stagedPageStore } from './staged-pages.js';
import { serverClock } from './server-clock.js';
import { type SyncRunStore, syncRunStore } from './sync-runs.js';
import { type WebhookStore, webhookStore } from './webhooks.js';

export { requireTransactions, TransactionsMissing } from './transactions.js';

export interface StoreOptions {
  uri: string;
  /** Name of the database. */
  db: string;
  /** How long to look for a server, ms. Default 5,000. */
  connectTimeoutMs?: number;
  /** How long one attempt of a command may go without an answer, ms. Default 6,000; the driver makes two. */
  socketTimeoutMs?: number;
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
  /** See open-questions.ts. */
  openQuestions: (orgId: OrgId) => Promise<Set<string>>;
  decisions: DecisionStore;
  needs: NeedStore;
  shapes: CalendarShapeStore;
  runs: SyncRunStore;
  overview: OverviewStore;
  keyringChecks: KeyringCheckStore;
  webhooks: WebhookStore;
  /** The time, by MongoDB's clock: the one that all workers share. */
  now: () => Date;
  /** Creates collections and indexes that are missing. Idempotent. */
  ensureIndexes(): Promise<void>;
  /** Compares the indexes with those that should be there, and changes nothing. */
  lookAtIndexes(): Promise<IndexesFound>;
  close(): Promise<void>;
}

/** Connects, and proves it with a ping. @throws StoreUnavailable, with the hosts and never the credentials */
export async function connectStore({
  uri,
  db: name,
  connectTimeoutMs = 5_000,
  socketTimeoutMs = 6_000,
}: StoreOptions): Promise<Store> {
  const client = openClient(uri, { connectTimeoutMs, socketTimeoutMs });
  try {
    const now = await guarded(`connecting to ${hostsOf(client)}`, () => serverClock(client.db(name)));
    return {
      ...storeOf(client.db(name), { now, close: () => client.close() }),
      async ensureIndexes() {
        // An index on many documents takes longer than any other command may.
        const patient = openClient(uri, { connectTimeoutMs, socketTimeoutMs: INDEX_TIMEOUT_MS });
        try {
          await ensureIndexes(patient.db(name));
        } finally {
          await patient.close();
        }
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** How long the creation of the indexes of one collection may take. */
const INDEX_TIMEOUT_MS = 600_000;

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
    openQuestions: (orgId) => openQuestions(collections, orgId),
    decisions: decisionStore(collections),
    needs: needStore(collections),
    shapes: calendarShapeStore(collections),
    runs: syncRunStore(collections),
    overview: overviewStore(collections),
    keyringChecks: keyringCheckStore(db),
    webhooks: webhookStore(collections),
    now,
    ensureIndexes: () => ensureIndexes(db),
    lookAtIndexes: () => lookAtIndexes(db),
    close,
  };
}

function openClient(uri: string, limits: DriverLimits): MongoClient {
  try {
    return new MongoClient(withoutDecided(uri), driverOptions(limits));
  } catch (error) {
    // The driver's message may quote the URI, and so a password.
    throw new StoreUnavailable(
      'reading the connection string',
      error instanceof MongoError ? error.name : 'invalid',
    );
  }
}

/** Where a client looks for MongoDB; nothing of its credentials. */
export function hostsOf(client: MongoClient): string {
  const { hosts, srvHost } = client.options;
  return srvHost ?? hosts.map(String).join(', ');
}

import type { Db, Document } from 'mongodb';
import { collectionsOf } from './collections.js';
import { guarded } from './errors.js';
import { HAS_SOURCE, UNUSABLE } from './organization-lists.js';
import { isOrgId } from './read-organization.js';

/** `never`: never synced. `unusable`: it has a key or a feed, and no sync can be of it. `unknown`: another program's word. */
export const STANDING_STATES = [
  'ok',
  'syncing',
  'failed',
  'canceled',
  'never',
  'unusable',
  'unknown',
] as const;
export type StandingState = (typeof STANDING_STATES)[number];

/** How one organization stands. */
export interface OrganizationStanding {
  id: string;
  state: StandingState;
  consecutiveFailures: number;
  /** When its whole calendar was last synced completely. Absent: never. */
  lastSuccessAt?: Date;
  /** Differences in Luma's answers that a person should look at. */
  drift: number;
}

/** How many there are in all, and whose, most first. */
export interface CountByOrganization {
  total: number;
  organizations: { id: string; count: number }[];
}

/** How all organizations with a key or a feed stand. */
export interface Standing {
  /** How many are in each state. */
  states: Record<StandingState, number>;
  /** The earliest last success of those that had one. */
  oldestSuccessAt?: Date;
  /** Those that fail first, most failures first; then those without a success, then the one with the oldest. */
  worst: OrganizationStanding[];
  /** Removals that wait for a person. */
  removalsHeld: CountByOrganization;
  quarantined: CountByOrganization;
}

/**
 * Reads how the organizations stand: a few numbers, however many organizations there are. MongoDB does the counting.
 * @param limit how many organizations are named at most, in each list
 * @throws StoreUnavailable
 */
export async function readStanding(db: Db, limit: number): Promise<Standing> {
  const { organizations, heldRemovals, quarantinedEntries } = collectionsOf(db);
  return await guarded('read standing', async () => {
    const [groups, unusable, worst, removalsHeld, quarantined] = await Promise.all([
      organizations.aggregate<StateGroup>([{ $match: SYNCABLE }, GROUP_BY_STATE]).toArray(),
      organizations.aggregate<{ count: number }>([{ $match: UNUSABLE }, { $count: 'count' }]).toArray(),
      organizations.aggregate<WorstOrganization>(worstFirst(limit)).toArray(),
      byOrganization(heldRemovals, { decision: 'waiting' }, limit),
      byOrganization(quarantinedEntries, {}, limit),
    ]);
    const states = Object.fromEntries(STANDING_STATES.map((state) => [state, 0])) as Standing['states'];
    for (const { _id, count } of groups) states[stateOf(_id)] += count;
    states.unusable = unusable[0]?.count ?? 0;
    const oldest = groups.flatMap((group) => instant(group.oldest) ?? []).sort((a, b) => +a - +b)[0];
    return {
      states,
      ...(oldest === undefined ? {} : { oldestSuccessAt: oldest }),
      worst: worst.filter(({ _id }) => isOrgId(_id)).map(standingOf),
      removalsHeld,
      quarantined,
    };
  });
}

const SYNCABLE = { ...HAS_SOURCE, $nor: [UNUSABLE] };

interface StateGroup {
  _id: unknown;
  count: number;
  oldest: unknown;
}

/** A field's value where it is of one of the types that it should be; otherwise a value in its place. */
const ofType = (field: string, types: readonly string[], otherwise: unknown) => ({
  $cond: [{ $in: [{ $type: field }, types] }, field, otherwise],
});

const LAST_SUCCESS = ofType('$eventsLastSynced', ['date'], null);

const GROUP_BY_STATE = {
  $group: { _id: '$lumaSync.state', count: { $sum: 1 }, oldest: { $min: LAST_SUCCESS } },
};

interface WorstOrganization {
  _id: unknown;
  state: unknown;
  failures: number;
  lastSuccessAt: unknown;
  drift: number;
}

function worstFirst(limit: number): Document[] {
  return [
    { $match: SYNCABLE },
    {
      $project: {
        state: '$lumaSync.state',
        failures: ofType('$lumaSync.consecutiveFailures', ['int', 'long', 'double'], 0),
        lastSuccessAt: LAST_SUCCESS,
        drift: { $cond: [{ $isArray: '$lumaSync.drift' }, { $size: '$lumaSync.drift' }, 0] },
      },
    },
    { $sort: { failures: -1, lastSuccessAt: 1, _id: 1 } },
    { $limit: limit },
  ];
}

function standingOf({ _id, state, failures, drift, lastSuccessAt }: WorstOrganization): OrganizationStanding {
  const succeeded = instant(lastSuccessAt);
  return {
    id: String(_id),
    state: stateOf(state),
    consecutiveFailures: Math.max(0, failures),
    drift,
    ...(succeeded === undefined ? {} : { lastSuccessAt: succeeded }),
  };
}

const SYNC_STATES: readonly unknown[] = ['ok', 'syncing', 'failed', 'canceled'];

function stateOf(value: unknown): StandingState {
  if (value === null || value === undefined) return 'never';
  return SYNC_STATES.includes(value) ? (value as StandingState) : 'unknown';
}

function instant(value: unknown): Date | undefined {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : undefined;
}

async function byOrganization(
  collection: { aggregate: (pipeline: Document[]) => { toArray: () => Promise<Document[]> } },
  filter: Document,
  limit: number,
): Promise<CountByOrganization> {
  const groups = (await collection
    .aggregate([
      { $match: filter },
      { $group: { _id: '$orgId', count: { $sum: 1 } } },
      { $sort: { count: -1, _id: 1 } },
    ])
    .toArray()) as { _id: unknown; count: number }[];
  return {
    total: groups.reduce((sum, { count }) => sum + count, 0),
    organizations: groups
      .filter(({ _id }) => isOrgId(_id))
      .slice(0, limit)
      .map(({ _id, count }) => ({ id: String(_id), count })),
  };
}

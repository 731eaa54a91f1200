import { type CommandStartedEvent, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureIndexes } from '../../src/mongo/collections.js';
import { icalFeed } from '../../src/feeds/index.js';
import { agenda, type EventsQuery, findEvents } from '../../src/read/index.js';
import { freshDatabase } from '../support/servers.js';
import { eventDoc, hour, removedDoc, store } from './support/events.js';

const { db, uri, name } = freshDatabase();
const watched = new MongoClient(uri, { monitorCommands: true });
const commands: Document[] = [];
watched.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
  if (commandName === 'find') commands.push(command);
});
afterAll(() => watched.close());

const EVENTS = 400;
beforeAll(async () => {
  await ensureIndexes(db);
  const docs = Array.from({ length: EVENTS }, (_, n) =>
    eventDoc(`evt-${n}`, {
      ...{ startAt: hour(n), endAt: hour(n + 2), orgId: `org-${n % 10}` },
      ...{ tags: [`tag-${n % 10}`], city: `City ${n % 10}` },
    }),
  );
  await store(db, ...docs);
});

const FIND = ['find', 'filter', 'sort', 'skip', 'limit', 'hint', 'projection'];

/** How MongoDB carries out what was asked, each command once more. */
async function explained(): Promise<{ stages: string[]; index: string; examined: number }[]> {
  const asked = commands.splice(0);
  return await Promise.all(
    asked.map(async (command) => {
      const { queryPlanner, executionStats } = (await db.command({
        explain: Object.fromEntries(Object.entries(command).filter(([field]) => FIND.includes(field))),
        verbosity: 'executionStats',
      })) as { queryPlanner: Document; executionStats: Document };
      const stages = stagesOf(queryPlanner.winningPlan as Document);
      return {
        stages: stages.map(({ stage }) => String(stage)),
        index: String(stages.find(({ indexName }) => indexName !== undefined)?.indexName),
        examined: Number(executionStats.totalDocsExamined),
      };
    }),
  );
}

function stagesOf(plan: Document): Document[] {
  const inputs = [plan.inputStage, ...((plan.inputStages as unknown[] | undefined) ?? [])];
  return [plan, ...inputs.filter((one) => one !== undefined).flatMap((one) => stagesOf(one as Document))];
}

const from = hour(EVENTS - 40);
it.each<[string, EventsQuery, string[]]>([
  ['all that is to come', { from }, ['by_start']],
  ['one organization', { orgs: ['org-1'], from }, ['by_org_start']],
  ['some organizations', { orgs: ['org-1', 'org-2'], from }, ['by_org_start']],
  ['a tag', { tags: ['tag-1'], from }, ['by_tag']],
  ['some tags', { tags: ['tag-1', 'tag-2'], from }, ['by_tag']],
  ['a city', { city: 'City 1', from }, ['by_city']],
  ['a city and a tag', { city: 'City 1', tags: ['tag-1'], from }, ['by_tag']],
  ['a text', { text: 'title', from }, ['by_start', 'by_start']],
  ['a text of an organization', { text: 'title', orgs: ['org-1'], from }, ['by_org_start', 'by_org_start']],
  ['what runs', { from, includeRunning: true }, ['by_end', 'by_start']],
  ['what runs, of a city', { city: 'City 1', from, includeRunning: true }, ['by_end', 'by_city']],
  ['non-public ones too', { from, includeNonPublic: true }, ['by_start']],
  ['a range', { from: hour(10), to: hour(20) }, ['by_start']],
])('%s is read by an index, and no more than is asked for', async (_, query, indexes) => {
  const reader = watched.db(name);
  const { cursor } = await findEvents(reader, { ...query, limit: 3 });
  await findEvents(reader, { ...query, cursor, limit: 3 });
  const plans = await explained();
  expect(plans.slice(0, indexes.length).map(({ index }) => index)).toEqual(indexes);
  expect(plans.flatMap(({ stages }) => stages)).not.toContain('COLLSCAN');
  for (const { stages, examined } of plans) {
    expect(stages).toContain('IXSCAN');
    expect(examined).toBeLessThanOrEqual(45);
  }
});

it('the events of feeds are read by indexes too', async () => {
  await db.collection('removed_events').insertMany([1, 2, 3].map((n) => removedDoc(`evt-gone-${n}`)));
  const now = () => hour(EVENTS - 40);
  const request = new Request('http://127.0.0.1/events.ics');
  for (const options of [{}, { orgId: 'org-1' }]) {
    const response = await icalFeed(watched.db(name), { now, ...options })(request);
    expect(await response.text()).toMatch(/UID:evt-3/);
  }
  expect((await explained()).map(({ index }) => index)).toEqual([
    ...['by_end', 'by_start', 'by_start', 'by_removed_time'],
    ...['by_end', 'by_org_start', 'by_org_start', 'by_removed'],
  ]);
});

it('with no limits at all, and as an agenda, no collection is scanned either', async () => {
  await findEvents(watched.db(name), { limit: 3 });
  await agenda(watched.db(name), { limit: 3 });
  for (const { stages } of await explained()) expect(stages).not.toContain('COLLSCAN');
});

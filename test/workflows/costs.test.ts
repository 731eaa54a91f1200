import { BSON, MongoClient } from 'mongodb';
import { afterAll, expect, test } from 'vitest';
import { storeOf } from '../../src/mongo/store.js';
import type { OrgSyncResult } from '../../src/workflows/contract.js';
import { useRig, useTemporal } from '../support/rig.js';
import { mongoUri } from '../support/servers.js';

// What a day without news costs, counted: these figures are promises (docs/scale.md).
const rig = useRig();
const temporal = useTemporal();
const client = new MongoClient(mongoUri(), { monitorCommands: true, ignoreUndefined: true });
afterAll(() => client.close());

interface Cost {
  commands: string[];
  bytes: number;
  historyEvents: number;
}

/** The second sync of a calendar in which nothing has changed. */
async function costOfNoNews(events: number): Promise<{ cost: Cost; result: OrgSyncResult }> {
  await rig.startLuma({
    maxPageSize: 100,
    limit: 10_000,
    calendars: [{ events: Array.from({ length: events }, (_, nth) => ({ id: `evt-${nth}` })) }],
  });
  const orgId = await rig.addOrganization();
  const cost: Cost = { commands: [], bytes: 0, historyEvents: 0 };
  const db = client.db(rig.store.db.databaseName);
  const store = storeOf(db, { now: () => new Date() });
  const { taskQueue } = await temporal.startWorker(rig.dependencies({ store }));
  const sync = async () => {
    const options = { workflowId: `luma-org-sync/${orgId}`, taskQueue, args: [{ orgId }] };
    const handle = await temporal.client.workflow.start('OrgSyncWorkflow', options);
    const result = (await handle.result()) as OrgSyncResult;
    cost.historyEvents = (await handle.fetchHistory()).events?.length ?? 0;
    return result;
  };
  await sync();

  const sizes = new Map<number, number>();
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    cost.commands.push(`${commandName} ${String(command[commandName])}`);
    sizes.set(requestId, BSON.calculateObjectSize(command));
  });
  client.on('commandSucceeded', ({ requestId, reply }) => {
    cost.bytes += (sizes.get(requestId) ?? 0) + BSON.calculateObjectSize(reply as BSON.Document);
  });
  const result = await sync();
  client.removeAllListeners('commandStarted').removeAllListeners('commandSucceeded');
  return { cost, result };
}

test.each([
  { pages: 1, commands: 9, bytes: 30_000 },
  { pages: 5, commands: 9, bytes: 95_000 },
])('without news, $pages pages take at most $commands commands and $bytes bytes', async (most) => {
  const { cost, result } = await costOfNoNews(most.pages * 100);
  expect(result).toMatchObject({ status: 'complete', pages: most.pages });
  expect(result.events).toMatchObject({ seen: most.pages * 100, unchanged: most.pages * 100, changed: 0 });
  expect(cost.commands.length, cost.commands.join('\n')).toBeLessThanOrEqual(most.commands);
  expect(cost.bytes).toBeLessThanOrEqual(most.bytes);
  expect(cost.historyEvents).toBeLessThanOrEqual(6 + 1);
  expect(cost.commands.filter((command) => /^(insert|update|delete) events$/.test(command))).toEqual([]);
});

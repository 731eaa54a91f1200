import { Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { freshDatabase, temporalAddress } from '../../../../test/support/servers.js';

const { db } = freshDatabase();

test('the run has a Temporal server that answers, with the search attribute of the syncs', async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  const attributes = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  await connection.close();
  expect(Object.keys(attributes.customAttributes)).toContain('LumaOrgId');
});

test('the run has a MongoDB with a database of its own for each file', async () => {
  await db.collection('things').insertOne({ name: 'one' });
  expect(await db.collection('things').countDocuments()).toBe(1);
});

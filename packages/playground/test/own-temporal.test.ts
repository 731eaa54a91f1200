import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { checkTemporal } from '../src/check-temporal.js';
import { endSyncs } from '../src/end-syncs.js';
import { ownPlace } from '../src/own-place.js';
import { connectLumaSync } from '../../../src/client.js';
import { deploymentNames } from '../../../src/workflows/contract.js';
import { temporalAddress } from '../../../test/support/servers.js';

const address = temporalAddress();
const temporal = { address, namespace: 'default', connectionOptions: { address } };
let client: Client;

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(() => client.connection.close());

test('a server where everything can be removed again is good, and nothing changes there', async () => {
  const place = ownPlace('demo', { temporal });
  await checkTemporal(temporal, place);
  await expect(client.schedule.getHandle(place.names.scheduleId).describe()).rejects.toThrow();
});

test('a namespace that does not exist is refused', async () => {
  const check = checkTemporal({ ...temporal, namespace: 'nowhere' }, ownPlace('demo', { temporal }));
  await expect(check).rejects.toThrow(/has no namespace nowhere – .*unset TEMPORAL_ADDRESS/);
});

test('a server that does not answer is named', async () => {
  const away = '127.0.0.1:1';
  const check = checkTemporal(
    { ...temporal, address: away, connectionOptions: { address: away } },
    ownPlace('dev', { temporal }),
  );
  await expect(check).rejects.toThrow(
    /^Temporal at 127\.0\.0\.1:1: does not answer – .*unset TEMPORAL_ADDRESS/,
  );
});

test.each(['DeleteSchedule', 'TerminateWorkflowExecution', 'ListWorkflowExecutions'])(
  'a server that refuses %s is refused',
  async (method) => {
    const refusing = await serverThatRefuses(method);
    const check = checkTemporal(
      { ...temporal, address: refusing, connectionOptions: { address: refusing } },
      ownPlace('demo', { temporal }),
    );
    await expect(check).rejects.toThrow(/does not let demo remove what it would make there/);
  },
);

test('the end takes away a scope’s schedule and all that runs on its queue, and nothing else', async () => {
  const scope = `demo-${randomUUID().slice(0, 8)}`;
  const [mine, theirs] = [deploymentNames(scope), deploymentNames(`${scope}-b`)];
  const other = connectLumaSync({ temporal }, theirs);
  const own = connectLumaSync({ temporal }, mine);
  onTestFinished(async () => {
    await endSyncs(temporal, theirs);
    await Promise.all([own.close(), other.close()]);
  });
  // No worker: a cancellation is not heard.
  for (const lumaSync of [own, other]) {
    await lumaSync.schedule.apply();
    await lumaSync.schedule.trigger();
    await lumaSync.syncOrgEvents('acme');
  }

  await endSyncs(temporal, mine);
  expect(await running(mine.taskQueue)).toEqual([]);
  await expect(own.schedule.show()).rejects.toThrow(/no schedule/);
  expect(await running(theirs.taskQueue)).toHaveLength(2);
  expect((await other.schedule.show()).running).toHaveLength(1);
});

async function running(taskQueue: string): Promise<string[]> {
  const ids: string[] = [];
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

const NOT_FOUND = '5';
const PERMISSION_DENIED = '7';

/** Answers as a Temporal on which nothing is, and one method is not allowed. @returns host:port */
async function serverThatRefuses(method: string): Promise<string> {
  const server = createServer((request, response) => {
    const called = request.url.split('/').at(-1) ?? '';
    response.setHeader('content-type', 'application/grpc');
    if (called === method) response.setHeader('grpc-status', PERMISSION_DENIED);
    else if (/^(Delete|Terminate|RequestCancel)/.test(called)) response.setHeader('grpc-status', NOT_FOUND);
    else {
      // An empty message: uncompressed, of no bytes.
      response.addTrailers({ 'grpc-status': '0' });
      response.write(Buffer.alloc(5));
    }
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

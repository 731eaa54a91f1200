import { Connection } from '@temporalio/client';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { endableRetries } from '../../src/client/retries.js';

/** A Temporal that says that it is there, and is away for everything else. */
async function startAway(): Promise<{ address: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    const isSystemInfo = request.url.endsWith('/GetSystemInfo');
    if (!isSystemInfo) asked++;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/grpc' });
    response.addTrailers({ 'grpc-status': isSystemInfo ? '0' : '14' });
    // An empty message.
    response.end(isSystemInfo ? Buffer.alloc(5) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

test('a connection is closed between two attempts of a request, however slow the process is', async () => {
  const { address, asked } = await startAway();
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  onTestFinished(() => void process.off('uncaughtException', uncaught));
  const retries = endableRetries();
  const connection = await Connection.connect({ address, interceptors: retries.interceptors });
  const { setTimeout: set } = globalThis;
  const timerIsSet = new Promise<void>((resolve) => {
    // The process stands still between the decision and its timer.
    vi.stubGlobal('setTimeout', (...args: Parameters<typeof set>) => {
      const until = performance.now() + 100;
      while (performance.now() < until);
      resolve();
      return set(...args);
    });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const request = connection.workflowService.getClusterInfo({}).catch((error: unknown) => error);
  await timerIsSet;
  vi.unstubAllGlobals();

  const made = asked();
  await retries.end();
  await connection.close();
  expect(await request).toBeInstanceOf(Error);
  expect(asked() - made).toBeLessThanOrEqual(1);
  expect(uncaught).not.toHaveBeenCalled();
});

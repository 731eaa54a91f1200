import { expect, test, vi } from 'vitest';
import { startInProcessWorker } from '../src/in-process-worker.js';
import { createLogger } from '../../../src/logger.js';
import type { Store } from '../../../src/mongo/store.js';
import { generateKeyring, parseKeyring } from '../../../src/secrets/keyring.js';
import type { StartWorkerOptions } from '../../../src/worker.js';
import { freshDatabase } from '../../../test/support/servers.js';

const started = vi.hoisted((): { store?: Store } => ({}));

// A worker that dies: no server can be made to kill one at will.
vi.mock('../../../src/worker.js', () => ({
  startWorker: ({ activities }: StartWorkerOptions) => {
    started.store = activities.store;
    return Promise.resolve({
      ended: Promise.reject(new Error('the worker died')),
      stop: () => Promise.reject(new Error('the worker died')),
    });
  },
}));
vi.mock('../../../src/worker/runtime.js', () => ({ installRuntime: () => undefined }));

const { uri, name } = freshDatabase();

test('a worker that died is told of, and leaves no connection to MongoDB behind', async () => {
  const address = '127.0.0.1:1';
  const worker = await startInProcessWorker(
    {
      temporal: { address, namespace: 'default', connectionOptions: { address } },
      mongo: { uri, db: name },
      keyring: parseKeyring(generateKeyring()),
      lumaBaseUrl: 'https://luma.invalid',
    },
    { logger: createLogger('silent'), taskQueue: 'unused' },
  );
  expect(await started.store?.organizations.list()).toEqual([]);
  expect(worker.died.aborted).toBe(true);
  await expect(worker.stop()).rejects.toThrow('the worker died');
  await expect(started.store?.organizations.list()).rejects.toMatchObject({ name: 'StoreUnavailable' });
});

import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { driverOptions, withoutDecided } from '../../src/mongo/driver-options.js';
import { StoreUnavailable } from '../../src/mongo/errors.js';
import { connectStore } from '../../src/mongo/store.js';
import { cli } from '../cli/support/run.js';
import { freshDatabase } from '../support/servers.js';
import { proxyBefore } from './support/proxy.js';

const { db, uri, name } = freshDatabase();

const HARM = [
  ...['readPreference=secondaryPreferred', 'readPreferenceTags=dc:a', 'maxStalenessSeconds=90'],
  ...[
    'w=0',
    'journal=false',
    'wtimeoutMS=1',
    'readConcernLevel=local',
    'retryWrites=false',
    'retryReads=false',
  ],
  ...[
    'socketTimeoutMS=1',
    'connectTimeoutMS=1',
    'serverSelectionTimeoutMS=1',
    'waitQueueTimeoutMS=1',
    'timeoutMS=1',
  ],
  ...[
    'maxPoolSize=1',
    'minPoolSize=50',
    'maxConnecting=1',
    'compressors=snappy,zstd',
    'zlibCompressionLevel=9',
  ],
  ...['heartbeatFrequencyMS=600000', 'promoteValues=false', 'raw=true', 'ignoreUndefined=false', 'appName=x'],
];

describe('options of a connection string', () => {
  it('that the product decides are without effect, in any spelling', () => {
    for (const options of [HARM, HARM.map((one) => one.toUpperCase())]) {
      const client = new MongoClient(
        withoutDecided(`mongodb://h/app?${options.join('&')}&replicaSet=rs&tls=true`),
        driverOptions({ connectTimeoutMs: 5_000, socketTimeoutMs: 6_000 }),
      );
      expect(client.options).toMatchObject({
        readPreference: { mode: 'primary' },
        readConcern: { level: 'majority' },
        writeConcern: { w: 'majority', wtimeoutMS: 5_000 },
        ...{ retryWrites: true, retryReads: true, socketTimeoutMS: 6_000, connectTimeoutMS: 5_000 },
        ...{ serverSelectionTimeoutMS: 5_000, maxPoolSize: 100, minPoolSize: 0, ignoreUndefined: true },
        ...{
          appName: 'luma-sync',
          raw: false,
          compressors: ['none'],
          replicaSet: 'rs',
          tls: true,
          dbName: 'app',
        },
      });
      expect(client.options.readPreference.tags).toBeUndefined();
      expect(client.options.writeConcern.journal).toBeUndefined();
      expect(client.options).not.toHaveProperty('promoteValues');
    }
  });

  it('that say where MongoDB is and who asks stay as they are', () => {
    const whole =
      'mongodb://u:p%3F@a:1,b:2/app?authSource=admin&tlsCAFile=/ca.pem&directConnection=false&loadBalanced=false';
    expect(withoutDecided(whole)).toBe(whole);
    expect(withoutDecided('mongodb://h/?w=1')).toBe('mongodb://h/');
    expect(withoutDecided('mongodb://h')).toBe('mongodb://h');
  });

  it('do no harm to reading and writing', async () => {
    const store = await connectStore({ uri: `${uri}&${HARM.join('&')}`, db: name });
    await store.organizations.add({ id: 'acme', name: 'Acme', sealedKey: 'sealed:v1:k:x' });
    expect((await store.organizations.get('acme')).storedKey).toBe('sealed:v1:k:x');
    await store.close();
  });
});

describe('a connection', () => {
  it('that goes dark fails the command within two time limits', async () => {
    const proxy = await proxyBefore(uri);
    const store = await connectStore({
      uri: proxy.uri,
      db: name,
      connectTimeoutMs: 2_000,
      socketTimeoutMs: 1_000,
    });
    await store.organizations.list();
    proxy.goDark();
    const start = performance.now();
    await expect(store.organizations.list()).rejects.toThrow(StoreUnavailable);
    await store.close();
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  it('that is dark from the beginning is a MongoDB that cannot be reached', async () => {
    const proxy = await proxyBefore(uri);
    proxy.goDark();
    await expect(connectStore({ uri: proxy.uri, db: name, connectTimeoutMs: 300 })).rejects.toThrow(
      /connecting to 127\.0\.0\.1:\d+ failed \(MongoServerSelectionError/,
    );
  });

  it('that is closed under a command is a MongoDB that cannot be reached', async () => {
    const proxy = await proxyBefore(uri);
    const store = await connectStore({ uri: proxy.uri, db: name, connectTimeoutMs: 2_000 });
    await store.organizations.list();
    proxy.closeUnderCommands();
    const calls = Array.from({ length: 5 }, (_, nth) =>
      store.organizations.add({ id: `org-${nth}`, name: 'x' }),
    );
    for (const end of await Promise.allSettled(calls)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } });
    }
    await store.close();
  });
});

it.each(['stdout', 'stderr'])(
  "the driver's own logging to %s stays off, whatever the environment says",
  async (to) => {
    await db
      .collection<{ _id: string }>('organizations')
      .insertOne({ _id: 'open', ...{ lumaApiKey: 'secret-canary' } });
    const parts = ['ALL', 'COMMAND', 'CONNECTION', 'TOPOLOGY', 'SERVER_SELECTION', 'CLIENT'];
    const env = Object.fromEntries(parts.map((part) => [`MONGODB_LOG_${part}`, 'trace']));
    const result = await cli(['orgs', 'list', '--json'], {
      env: { ...env, MONGODB_LOG_PATH: to, MONGODB_URI: uri, MONGODB_DB: name },
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toContainEqual({ id: 'open', name: '', hasKey: true });
    await db.collection('organizations').deleteMany({});
  },
);

import { onTestFinished } from 'vitest';
import { lumaSyncOver } from '../../src/client/connect.js';
import { temporalAccess } from '../../src/client/temporal.js';
import { createLogger } from '../../src/logger.js';
import { EVENT_TYPES } from '../../src/luma/webhooks/delivery.js';
import { seal } from '../../src/secrets/sealed-key.js';
import { type Serving, startServing } from '../../src/serve/serving.js';
import type { FakeCalendar, FakeWebhook } from '../../packages/fake-luma/src/index.js';
import type { Rig } from '../support/rig.js';
import { temporalAddress } from '../support/servers.js';

/** A server in this process, on a free port of this machine; closed after the test. */
export async function serveHere(rig: Rig, taskQueue: string, statusToken?: string): Promise<Serving> {
  const address = temporalAddress();
  const settings = { address, namespace: 'default', connectionOptions: { address } };
  const temporal = temporalAccess(settings, 5_000);
  const connections = { temporal, store: () => Promise.resolve(rig.store) };
  const operations = lumaSyncOver(connections, { keyring: rig.keyring }, { taskQueue });
  const serving = await startServing({
    ...{ store: rig.store, keyring: rig.keyring, temporal, taskQueue },
    ...{ operations, statusToken, publicUrl: undefined },
    address: { host: '127.0.0.1', port: 0 },
    log: createLogger('silent'),
  });
  onTestFinished(async () => {
    await serving.close();
    await temporal.close();
  });
  return serving;
}

/** Registers a webhook of the organization as `webhooks apply` does. */
export async function register(
  rig: Rig,
  serving: Pick<Serving, 'url'>,
  { calendar, orgId }: { calendar: FakeCalendar; orgId: string },
): Promise<FakeWebhook> {
  const url = `${serving.url}/webhooks/luma/${orgId}`;
  const webhook = calendar.webhooks.create(url, EVENT_TYPES);
  await rig.store.webhooks.put(orgId, {
    ...{ id: webhook.id, url, state: 'active', registeredAt: new Date() },
    sealedSecret: seal(rig.keyring, orgId, webhook.secret, 'webhook-secret'),
  });
  return webhook;
}

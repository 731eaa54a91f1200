import type { Client } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { historyText } from '../support/histories.js';
import { planted } from '../support/canaries.js';
import { useRig } from '../support/rig.js';
import { deploy } from './support/deployment.js';
import { cliHere } from '../cli/support/run.js';
import { luma } from './support/executable.js';

const rig = useRig();

async function allHistories(client: Client): Promise<string[]> {
  const texts: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    texts.push(await historyText(client.workflow.getHandle(workflowId, runId)));
  }
  return texts;
}

async function allDocuments(): Promise<string> {
  const collections = await rig.store.db.listCollections().toArray();
  const documents = await Promise.all(
    collections.map(({ name }) => rig.store.db.collection(name).find().toArray()),
  );
  return JSON.stringify(documents);
}

test(
  'after full syncs and every look at them no key and no person is anywhere, and no title is in a history',
  { timeout: 300_000 },
  async () => {
    const mark = randomUUID().slice(0, 8);
    const marked = (count: number) =>
      Array.from({ length: count }, (_, nth) => ({
        name: `Title-${mark} ${nth}`,
        description_md: `Text-${mark}`,
        description: `Text-${mark}`,
      }));
    const keys = ['well', 'paused', 'refused', 'broken'].map((name) => `secret-${name}-${mark}`);
    const [well = '', paused = '', refused = '', broken = ''] = keys;
    await rig.startLuma({
      maxPageSize: 20,
      calendars: [
        {
          key: well,
          events: [
            ...marked(30),
            planted('evt-planted'),
            { ...planted('evt-online'), location_type: 'zoom' },
            { ...planted('evt-view'), access: 'view' },
            {
              ...planted('evt-private'),
              visibility: 'private',
              name: 'canary-title',
              description_md: 'canary-text',
            },
            planted('evt-spoilt'),
          ],
          faults: [
            {
              kind: 'override',
              eventId: 'evt-spoilt',
              fields: { timezone: 'Mars/Olympus', start_at: 'soon' },
            },
          ],
        },
        {
          key: paused,
          events: marked(60),
          faults: [{ kind: 'rate-limit', endpoint: 'list', onRequest: 2, times: 1, blockMs: 500 }],
        },
        { key: refused, events: marked(5), faults: [{ kind: 'rejected-key' }] },
        { key: broken, events: marked(5), faults: [{ kind: 'malformed-json' }] },
      ],
    });
    const { env, client, addOrganization, startWorker } = await deploy(rig);
    for (const calendar of keys.keys()) await addOrganization(`org-${calendar}`, calendar);
    const worker = await startWorker({ LOG_LEVEL: 'trace' });

    const commands = [
      await luma(['sync', '--watch'], env),
      await cliHere(['sync', '--org', 'org-2'], env),
      await cliHere(['orgs', 'list', '--json'], env),
      await cliHere(['events', '--json', '--limit', '200'], env),
      await cliHere(['quarantine', 'list', '--json'], env),
      await cliHere(['removals', 'list', '--json'], env),
      await cliHere(['sync', '--org', 'org-0', '--dry-run', '--json'], env),
    ];
    expect(commands.map(({ code }) => code)).toEqual([3, 1, 0, 0, 0, 0, 0]);
    await expect.poll(async () => (await allHistories(client)).length, { timeout: 30_000 }).toBe(7);
    worker.kill('SIGTERM');
    const logs = await worker.ended;

    const histories = (await allHistories(client)).join('\n');
    const documents = await allDocuments();
    const outputs = commands.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(histories).toContain('LumaKeyRejected');
    expect(documents).toContain(`Title-${mark}`);
    expect(outputs).toContain(`Title-${mark}`);
    for (const key of keys) {
      for (const text of [histories, documents, outputs, logs.stdout, logs.stderr])
        expect(text).not.toContain(key);
    }
    for (const text of [histories, logs.stdout, logs.stderr]) expect(text).not.toContain(mark);
    expect(outputs).toContain('evt-spoilt');
    for (const text of [histories, documents, outputs, logs.stdout, logs.stderr]) {
      expect(text).not.toContain('canary-');
    }
  },
);

import { expect, test } from 'vitest';
import type { EventDoc } from '../../src/mongo/documents.js';
import { historyText } from '../support/histories.js';
import { planted } from '../support/canaries.js';
import { useRig } from '../support/rig.js';
import { cliHere, type CliResult } from '../cli/support/run.js';
import { deploy } from './support/deployment.js';

const rig = useRig();
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);
const stored = async () =>
  await rig.store.db.collection<EventDoc>('events').find({ orgId: 'tea' }).sort({ lumaEventId: 1 }).toArray();

test(
  'an organization with a feed is synced with the others, goes on with a key, and without it: the same documents, filled in',
  { timeout: 120_000 },
  async () => {
    const tomorrow = new Date(Date.now() + 86_400_000);
    await rig.startLuma({
      calendars: [
        {
          id: 'cal-tea',
          events: [
            { id: 'evt-1', name: 'Title-mark', start_at: tomorrow, description_md: 'Text' },
            { ...planted('evt-2'), location_type: 'zoom', start_at: tomorrow },
            { id: 'evt-private', name: 'canary-title', visibility: 'private' },
          ],
        },
        { events: 5 },
      ],
    });
    const { env, client, addOrganization, startWorker } = await deploy(rig);
    const url = `${rig.luma.url}/ics/get?entity=calendar&id=cal-tea`;
    const outputs = [
      await cliHere(
        ['orgs', 'add', '--name', 'Tea', '--id', 'tea', '--ical', url, '--timezone', 'Asia/Tokyo'],
        env,
      ),
    ];
    await addOrganization('keyed', 1);
    const worker = await startWorker({ LOG_LEVEL: 'trace' });
    rig.luma.resetStats();
    const full = await cliHere(['sync', '--json'], env);
    expect(json(full)).toMatchObject({ status: 'complete', orgs: { total: 2, completed: 2 } });
    expect(rig.luma.stats().byPath['/ics/get']).toBe(1);
    const before = await stored();
    expect(before).toMatchObject([
      { lumaEventId: 'evt-1', source: 'ical' },
      { lumaEventId: 'evt-2', source: 'ical', timezone: 'Asia/Tokyo' },
    ]);
    const again = await cliHere(['sync', '--org', 'tea'], env);
    expect(again.stdout).toMatch(/2 unchanged[^]*public feed/);
    expect(await stored()).toEqual(before);

    const key = rig.luma.calendar('cal-tea').key;
    const keyed = await cliHere(['orgs', 'set-key', 'tea'], { ...env, LUMA_API_KEY: key });
    const upgraded = await cliHere(['sync', '--org', 'tea', '--json'], env);
    expect(json(upgraded)).toMatchObject({
      sourceBefore: 'ical',
      events: { inserted: 0, changed: 2, removed: 0 },
    });
    const after = await stored();
    expect(after.map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
    expect(after[0]).toMatchObject({ source: 'api', description: 'Text', title: 'Title-mark' });

    const taken = await cliHere(['orgs', 'set-key', 'tea', '--remove'], env);
    const downgraded = await cliHere(['sync', '--org', 'tea', '--json'], env);
    expect(json(downgraded)).toMatchObject({ source: 'ical', sourceBefore: 'api', events: { removed: 0 } });
    expect((await stored())[0]).toMatchObject({ source: 'ical', description: 'Text', title: 'Title-mark' });

    worker.kill('SIGTERM');
    const logs = await worker.ended;
    const said = [logs.stdout, logs.stderr];
    for await (const { workflowId, runId } of client.workflow.list()) {
      said.push(await historyText(client.workflow.getHandle(workflowId, runId)));
    }
    for (const text of said) expect(text).not.toMatch(/mark|ics\/get\?|canary-/);
    outputs.push(full, again, keyed, upgraded, taken, downgraded);
    const documents = await Promise.all(
      (await rig.store.db.listCollections().toArray()).map(({ name }) =>
        rig.store.db.collection(name).find().toArray(),
      ),
    );
    said.push(JSON.stringify(documents), ...outputs.map(({ stdout, stderr }) => stdout + stderr));
    for (const text of said) {
      expect(text).not.toContain('canary-');
      expect(text).not.toContain(key);
    }
  },
);

import { describe, expect, test } from 'vitest';
import type { LogEntry } from '@temporalio/worker';
import type { FaultSpec } from '../../packages/fake-luma/src/index.js';
import { useRig } from '../support/rig.js';
import { environment, failureOf, openInput, printedFailure, run } from './support/activities.js';

const rig = useRig();

const KEY = 'secret-canaryKey';
/** What Temporal must never see. */
const TITLE = 'canary-title';
/** What must not even be staged. */
const PRIVATE = 'canary-private';
const EMAIL = 'canary-person@example.com';

const EVENT = {
  name: TITLE,
  description_md: TITLE,
  meeting_url: `https://meet.example/${PRIVATE}`,
  hosts: [
    ...[
      { id: 'usr-1', email: EMAIL, name: PRIVATE, first_name: PRIVATE, last_name: PRIVATE, avatar_url: '' },
    ],
  ],
  submitted_by: { id: 'usr-2', name: PRIVATE, email: EMAIL },
  registration_questions: [{ id: 'q-1', label: PRIVATE, required: true, question_type: 'text' }],
};

/** Everything that leaves an activity, and everything that is written while it runs. */
async function leaving(faults: FaultSpec[]): Promise<{ temporal: string; stored: string }> {
  await rig.startLuma({
    calendars: [
      {
        key: KEY,
        events: [
          { ...EVENT, id: 'evt-1' },
          { ...EVENT, id: 'evt-2', location_type: 'zoom' },
          { ...EVENT, id: 'evt-3', visibility: 'private' },
        ],
        faults,
      },
    ],
    listDescriptions: true,
  });
  const orgId = await rig.addOrganization();
  const out: unknown[] = [];
  const attempt = async <T>(call: (env: ReturnType<typeof environment>) => Promise<T>): Promise<void> => {
    const env = environment({}, ({ message, meta }: LogEntry) => void out.push(message, meta));
    env.on('heartbeat', (details: unknown) => out.push(details));
    const result = call(env);
    out.push(
      await result.then(
        (value) => value ?? null,
        async () => printedFailure(await failureOf(result)),
      ),
    );
  };
  const sync = openInput(orgId);
  const deps = rig.dependencies();
  await attempt((env) => run(deps, 'getOrgsWithLumaConfig', { after: null, limit: 10 }, env));
  await attempt((env) => run(deps, 'openOrgSync', sync, env));
  await attempt((env) => run(deps, 'fetchLumaPages', sync, env));
  await attempt((env) =>
    run(deps, 'upsertEvents', { ...sync, phase: 'listing', fromSeq: 1, throughSeq: 1 }, env),
  );
  const stored: unknown[] = [];
  for (const { name } of await rig.store.db.listCollections().toArray()) {
    stored.push(await rig.store.db.collection(name).find().toArray());
  }
  return { temporal: JSON.stringify(out), stored: JSON.stringify(stored) };
}

describe.each<[string, FaultSpec[]]>([
  ['a sync that goes well', []],
  ['a rejected key', [{ kind: 'rejected-key' }]],
  ['an answer that is cut off', [{ kind: 'cut-body', endpoint: 'list' }]],
  ['HTML', [{ kind: 'html', endpoint: 'list' }]],
  ['entries of which none is usable', [{ kind: 'changed-type', field: 'start_at' }]],
  [
    'an entry that cannot be trusted',
    [{ kind: 'override', nth: 2, fields: { timezone: PRIVATE.repeat(90) } }],
  ],
  ['an entry that lacks its visibility', [{ kind: 'override', nth: 2, fields: { visibility: null } }]],
])('with %s', (_, faults) => {
  test('no key, no title and no person reaches Temporal or a log, and what is private is stored nowhere', async () => {
    const { temporal, stored } = await leaving(faults);
    for (const canary of [KEY, TITLE, EMAIL]) expect(temporal).not.toContain(canary);
    for (const canary of [KEY, EMAIL, 'meet.example']) expect(stored).not.toContain(canary);
    expect(temporal).not.toContain(PRIVATE);
  });
});

test('titles are staged and stored, and nothing that is private', async () => {
  const { stored } = await leaving([]);
  expect(stored).toContain(TITLE);
  expect(stored).not.toContain(PRIVATE);
});

test('an event that may not be shown is staged by its id only', async () => {
  await leaving([]);
  const pages = await rig.store.db.collection('staged_pages').find().toArray();
  expect(pages).toMatchObject([{ hidden: [{ lumaEventId: 'evt-3', visibility: 'private' }] }]);
  expect(JSON.stringify(pages).split(TITLE).length - 1).toBe(4);
});

import { expect, test } from 'vitest';
import { useRig } from '../support/rig.js';
import { run } from './support/activities.js';

const rig = useRig();

test('a listing that does not say who manages events changes nothing that is remembered of it', async () => {
  await rig.startLuma({
    calendars: [
      {
        id: 'cal-1',
        events: [{ id: 'evt-ours' }, { id: 'evt-theirs', access: 'view' }, { id: 'evt-given' }],
      },
    ],
  });
  const calendar = rig.luma.calendar('cal-1');
  const orgId = await rig.addOrganization();
  const managedElsewhere = async () => {
    const states = await rig.store.states.read(orgId, ['evt-ours', 'evt-theirs', 'evt-given']);
    return [...states].flatMap(([id, { managed }]) => (managed === false ? [id] : [])).sort();
  };
  const sync = async () => {
    const { syncId } = await rig.openSync(orgId);
    const { throughSeq } = await run(rig.dependencies(), 'fetchLumaPages', { orgId, syncId });
    await run(rig.dependencies(), 'upsertEvents', {
      ...{ orgId, syncId, throughSeq },
      phase: 'listing',
      fromSeq: 1,
    });
    const { undescribed } = await rig.store.stagedPages.listed(syncId);
    return undescribed.map(({ lumaEventId }) => lumaEventId).sort();
  };

  expect(await sync()).toEqual(['evt-given', 'evt-ours']);
  expect(await managedElsewhere()).toEqual(['evt-theirs']);

  calendar.setFault({ kind: 'missing-field', field: 'access' });
  // Whoever may be managed here is asked for.
  expect(await sync()).toEqual(['evt-given', 'evt-ours', 'evt-theirs']);
  expect(await managedElsewhere()).toEqual(['evt-theirs']);

  calendar.clearFaults();
  calendar.editEvent('evt-given', { access: 'view' });
  await sync();
  expect(await managedElsewhere()).toEqual(['evt-given', 'evt-theirs']);
});

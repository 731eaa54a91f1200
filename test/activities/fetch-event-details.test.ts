import { expect, test } from 'vitest';
import { useRig } from '../support/rig.js';
import { run } from './support/activities.js';

const rig = useRig();

test('details are asked for a slice at a time, and each answers with what Luma says of its limit', async () => {
  const day = (nth: number) => `2090-11-${String(nth + 1).padStart(2, '0')}T18:00:00.000Z`;
  const events = Array.from({ length: 9 }, (_, nth) => ({ id: `evt-${nth}`, start_at: day(nth) }));
  await rig.startLuma({ calendars: [{ events }], limit: 100, windowMs: 30_000 });
  const sync = await rig.openSync(await rig.addOrganization());
  const deps = rig.dependencies({ details: { sliceRequests: 4, batch: 2 } });
  const { limit } = await run(deps, 'fetchLumaPages', sync);
  expect(limit).toMatchObject({ requests: 95, windowMs: 31_000, left: 94 });
  await run(deps, 'upsertEvents', { ...sync, phase: 'listing', fromSeq: 1, throughSeq: 1 });

  const asked = async () => await run(deps, 'fetchEventDetails', sync);
  expect(await asked()).toMatchObject({ asked: 4, requests: 4, complete: false, limit: { left: 90 } });
  expect(await asked()).toMatchObject({ asked: 8, requests: 4, complete: false });
  expect(await asked()).toMatchObject({ asked: 9, requests: 1, complete: true, limit: { left: 85 } });
});

import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Standing } from '../../../src/mongo/standing.js';
import { standingGauges } from '../../../src/worker/monitoring/standing-gauges.js';

const standing: Standing = {
  states: { ok: 3, syncing: 0, failed: 1, canceled: 0, never: 0, unusable: 2, unknown: 0 },
  oldestSuccessAt: new Date(5_000),
  worst: [
    { id: 'acme "1"\n', state: 'failed', consecutiveFailures: 2, drift: 0 },
    { id: 'beta', state: 'ok', consecutiveFailures: 0, drift: 1, lastSuccessAt: new Date(5_000) },
  ],
  removalsHeld: { total: 9, organizations: [{ id: 'beta', count: 9 }] },
  quarantined: { total: 0, organizations: [] },
};

async function shown(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('each organization that is named has its series, and the numbers of all are beside them', async () => {
  const registry = new Registry();
  standingGauges(registry)(standing);
  const lines = await shown(registry);
  expect(lines).toEqual(
    expect.arrayContaining([
      'luma_sync_organizations{state="ok"} 3',
      'luma_sync_organizations{state="never"} 0',
      'luma_sync_organizations_without_series 2',
      'luma_sync_oldest_success_timestamp_seconds 5',
      'luma_sync_organization_state{organization="acme \\"1\\"\\n",state="failed"} 1',
      'luma_sync_organization_consecutive_failures{organization="beta"} 0',
      'luma_sync_organization_last_success_timestamp_seconds{organization="beta"} 5',
      'luma_sync_organization_drift{organization="beta"} 1',
      'luma_sync_removals_held 9',
      'luma_sync_organization_removals_held{organization="beta"} 9',
      'luma_sync_quarantined_entries 0',
    ]),
  );
  expect(lines.filter((line) => line.includes('last_success') && line.includes('acme'))).toEqual([]);
});

test('what is over, or not known, is not shown any more', async () => {
  const registry = new Registry();
  const show = standingGauges(registry);
  show(standing);
  show({ ...standing, worst: [], removalsHeld: { total: 0, organizations: [] } });
  const lines = await shown(registry);
  expect(lines).toContain('luma_sync_removals_held 0');
  expect(lines.filter((line) => line.includes('organization="'))).toEqual([]);
  show(null);
  expect(await shown(registry)).toEqual([]);
});

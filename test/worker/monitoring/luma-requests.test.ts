import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { FaultSpec } from '../../../packages/fake-luma/src/index.js';
import { createLumaApi } from '../../../src/luma/api.js';
import { countedRequests } from '../../../src/worker/monitoring/luma-requests.js';
import { useRig } from '../../support/rig.js';

const rig = useRig();

/** Samples of a metric by their labels. */
async function samples(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => line.startsWith(name));
}

test.each<[string, FaultSpec | null]>([
  ['200', null],
  ['429', { kind: 'rate-limit' }],
  ['503', { kind: 'server-error' }],
  ['401', { kind: 'rejected-key' }],
  ['200', { kind: 'malformed-json' }],
  ['error', { kind: 'reset' }],
  ['timeout', { kind: 'latency', ms: 10_000 }],
])('a request is counted once, with the status of its answer: %s', async (status, fault) => {
  const { calendars, url } = await rig.startLuma({ calendars: [{ events: 3 }] });
  if (fault !== null) rig.luma.calendar(calendars[0]?.id ?? '').setFault(fault);
  const registry = new Registry();
  const luma = countedRequests(createLumaApi({ baseUrl: url, requestTimeoutMs: 500 }), registry);
  await luma.listEvents(calendars[0]?.key ?? '').catch(() => undefined);
  expect(await samples(registry, 'luma_sync_luma_requests_total')).toEqual([
    `luma_sync_luma_requests_total{endpoint="events/list",status="${status}"} 1`,
  ]);
  expect(await samples(registry, 'luma_sync_luma_request_duration_seconds')).toContain(
    'luma_sync_luma_request_duration_seconds_count{endpoint="events/list"} 1',
  );
});

test('what never left this process, or was called off, is no request', async () => {
  const { calendars, url } = await rig.startLuma({ calendars: [{ events: 3 }], latencyMs: 5_000 });
  const registry = new Registry();
  const luma = countedRequests(createLumaApi({ baseUrl: url }), registry);
  await expect(luma.getCalendar('no key\n')).rejects.toThrow();
  const ending = new AbortController();
  const call = luma.getCalendar(calendars[0]?.key ?? '', { signal: ending.signal });
  ending.abort();
  await expect(call).rejects.toThrow();
  expect(await samples(registry, 'luma_sync_luma_requests_total')).toEqual([]);
});

import { expect, it } from 'vitest';
import { TemporalUnavailable } from '../../../src/client/errors.js';
import type { SyncLook } from '../../../src/client/watch/look.js';
import { watchSync } from '../../../src/client/watch/watch-sync.js';

const workflowId = 'luma-org-sync/acme';
const away = new TemporalUnavailable('127.0.0.1:1', 'does not answer', 'start it', true);
const seen = (): SyncLook => {
  const endsAt = new Date();
  const org = { orgId: 'acme', workflowId, obstacles: [], endsAt };
  return { at: new Date(), workflowId, orgs: [org], obstacles: [], endsAt };
};

/** A sync whose looks are these, and which ends after the last one. */
function runOf(looks: readonly (SyncLook | Error)[]) {
  const left = [...looks];
  let end: () => void;
  const ended = new Promise<unknown>((resolve) => (end = () => resolve({})));
  return {
    ...{ workflowId, outageLimitMs: 90_000 },
    result: () => ended,
    look: () => {
      const next = left.shift() ?? seen();
      if (left.length === 0) end();
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  };
}

it('an outage of Temporal is told with the last look, without an end that nobody can know, and so is its end', async () => {
  const told: SyncLook[] = [];
  await watchSync(runOf([seen(), away, away, seen(), seen()]), (look) => told.push(look), { everyMs: 0 });
  const [first, second, third, fourth] = told;
  expect([first?.away, fourth?.away]).toEqual([undefined, undefined]);
  expect(second).toMatchObject({ orgs: [{ orgId: 'acme' }], away: { reason: 'does not answer' } });
  expect([first, second, third, fourth].map((look) => look?.endsAt !== undefined)).toEqual([
    ...[true, false, false, true],
  ]);
  expect(second?.orgs[0]?.endsAt).toBeUndefined();
  const { since, until } = third?.away ?? {};
  expect(since).toEqual(second?.away?.since);
  expect((until?.getTime() ?? 0) - (since?.getTime() ?? 0)).toBe(90_000);
});

it('who leaves does not wait for a look that is under way', async () => {
  const leaving = new AbortController();
  const run = {
    ...{ workflowId, outageLimitMs: 90_000 },
    result: () => new Promise<unknown>(() => undefined),
    look: () => {
      leaving.abort();
      return new Promise<SyncLook>(() => undefined);
    },
  };
  const told: SyncLook[] = [];
  await watchSync(run, (look) => told.push(look), { signal: leaving.signal });
  expect(told).toEqual([]);
});

it('once Temporal is given up, nothing more is looked at', async () => {
  let looks = 0;
  const run = {
    ...{ workflowId, outageLimitMs: 90_000 },
    result: () => Promise.reject(away),
    look: () => Promise.resolve((looks++, seen())),
  };
  await watchSync(run, () => undefined, { everyMs: 0 });
  expect(looks).toBeLessThanOrEqual(1);
});

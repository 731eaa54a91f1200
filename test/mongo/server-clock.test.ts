import { afterEach, expect, test, vi } from 'vitest';
import { serverClock } from '../../src/mongo/server-clock.js';
import { useStore } from './support/store.js';

const rig = useStore();
afterEach(() => void vi.useRealTimers());

const MONTH_MS = 30 * 86_400_000;

test.each([MONTH_MS, -MONTH_MS])(
  'the time is the database’s, though the clock of this machine is %d ms off',
  async (offMs) => {
    const { localTime } = await rig.db.command({ hello: 1 });
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + offMs);
    const now = await serverClock(rig.db);
    expect(Math.abs(now().getTime() - (localTime as Date).getTime())).toBeLessThan(60_000);
  },
);

test('goes on while the clock of this machine is set', async () => {
  const now = await serverClock(rig.db);
  const before = now().getTime();
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + MONTH_MS);
  const after = now().getTime();
  expect(after - before).toBeGreaterThanOrEqual(0);
  expect(after - before).toBeLessThan(60_000);
});

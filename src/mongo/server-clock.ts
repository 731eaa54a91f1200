import type { Db } from 'mongodb';

/** How long a reading is used: two machines' clocks drift apart by less than milliseconds in that time. */
const READ_EVERY_MS = 60_000;

/**
 * MongoDB's clock. Instants of different workers are compared with each other (when Luma was asked, what changed
 * since), so that they must not come from the workers' own clocks: one that runs days ahead would falsify them. Between
 * two readings the process's monotonic timer counts, which nobody sets.
 *
 * @returns the clock, after a first reading; later ones are made as it is used, and one that fails is made again
 * @throws what the driver throws, for the first reading
 */
export async function serverClock(db: Db): Promise<() => Date> {
  let reading = await readClock(db);
  let underWay = false;

  async function readAgain(): Promise<void> {
    underWay = true;
    try {
      reading = await readClock(db);
    } catch {
      // The old reading serves until MongoDB answers again.
    } finally {
      underWay = false;
    }
  }

  return () => {
    const at = performance.now();
    if (at - reading.at > READ_EVERY_MS && !underWay) void readAgain();
    return new Date(reading.serverMs + Math.round(at - reading.at));
  };
}

async function readClock(db: Db): Promise<{ serverMs: number; at: number }> {
  const asked = performance.now();
  const { localTime } = await db.command({ hello: 1 });
  const answered = performance.now();
  if (!(localTime instanceof Date)) throw new TypeError('MongoDB does not tell its time');
  return { serverMs: localTime.getTime(), at: (asked + answered) / 2 };
}

/** A sync's work as it comes on under a limit: bursts, and pauses until the next window begins. */
export interface Simulated {
  pages: number;
  details: number;
  /** Requests a second within a burst. */
  pagesPerSecond: number;
  detailsPerSecond: number;
  /** `undefined`: no limit is met. */
  limit?: { requests: number; windowMs: number };
  /** The answers tell the limit, or that there is none. */
  isStated?: boolean;
  /** Requests of the first window that others have used. */
  usedByOthers?: number;
  /** Heartbeats and looks: what is done is known this much later at most. */
  lagMs: number;
}

export interface Step {
  /** When the present window began, and how much of it was used when this step began. */
  windowMs: number;
  inWindow: number;
  fromMs: number;
  untilMs: number;
  phase: 'listing' | 'details';
  /** Of the whole sync, before this step and after it. */
  before: number;
  after: number;
  isPause: boolean;
}

/** What happens from when to when. */
export function stepsOf(simulated: Simulated): Step[] {
  const { pages, details, pagesPerSecond, detailsPerSecond, limit, usedByOthers = 0 } = simulated;
  const steps: Step[] = [];
  let [nowMs, windowMs, inWindow, done] = [0, 0, usedByOthers, 0];
  const add = (phase: Step['phase'], ms: number, count: number, isPause: boolean) => {
    const window = { windowMs, inWindow };
    steps.push({
      ...{ fromMs: nowMs, untilMs: nowMs + ms, phase, before: done, after: done + count, isPause },
      ...window,
    });
    nowMs += ms;
    done += count;
  };
  for (const [phase, total, perSecond] of [
    ['listing', pages, pagesPerSecond],
    ['details', details, detailsPerSecond],
  ] as const) {
    let left = total;
    while (left > 0) {
      if (limit !== undefined && nowMs - windowMs >= limit.windowMs) [windowMs, inWindow] = [nowMs, 0];
      const room = limit === undefined ? left : limit.requests - inWindow;
      if (room <= 0 && limit !== undefined) {
        add(phase, windowMs + limit.windowMs - nowMs, 0, true);
        continue;
      }
      // As far as the window lasts.
      const untilEnd =
        limit === undefined ? left : Math.ceil(((windowMs + limit.windowMs - nowMs) * perSecond) / 1000);
      const count = Math.min(left, room, Math.max(1, untilEnd));
      add(phase, (count / perSecond) * 1000, count, false);
      left -= count;
      inWindow += count;
    }
  }
  return steps;
}

import { setTimeout as delay } from 'node:timers/promises';

export interface LiveOptions {
  /** What viewers are to see now, as the data of an event; one line. Does not throw. */
  look: () => Promise<string>;
  everyMs?: number;
  maxViewers?: number;
  /** Ends all streams. */
  signal?: AbortSignal;
}

export interface LiveUpdates {
  /** A stream of server-sent events until that instant; `null`: there are as many viewers as there may be. */
  stream(until: number): ReadableStream<Uint8Array> | null;
}

type Viewer = ReadableStreamDefaultController<Uint8Array>;

const EVERY_MS = 2_000;
/** Each holds a connection. */
const MAX_VIEWERS = 50;
/** Proxies close connections on which nothing is sent. */
const COMMENT_EVERY_MS = 15_000;
/** Events that a viewer may leave unread before it is let go; it connects again and sees what is new. */
const UNREAD = 16;
/** How soon a browser connects again. */
const RETRY = 'retry: 3000\n\n';

/** One look for all viewers, and none while nobody watches. */
export function liveUpdates({
  look,
  everyMs = EVERY_MS,
  maxViewers = MAX_VIEWERS,
  signal,
}: LiveOptions): LiveUpdates {
  const viewers = new Map<Viewer, number>();
  const encoder = new TextEncoder();
  let isLooking = false;
  let last: string | undefined;
  let saidAt = 0;

  function say(viewer: Viewer, text: string): void {
    if ((viewer.desiredSize ?? 0) <= 0) end(viewer);
    else viewer.enqueue(encoder.encode(text));
  }

  function end(viewer: Viewer): void {
    if (viewers.delete(viewer)) viewer.close();
  }

  function endAll(): void {
    for (const viewer of viewers.keys()) end(viewer);
  }

  async function keepLooking(): Promise<void> {
    isLooking = true;
    while (viewers.size > 0) {
      const now = Date.now();
      for (const [viewer, until] of viewers) if (until <= now) end(viewer);
      const found = await look();
      const isNews = found !== last;
      if (isNews || now - saidAt >= COMMENT_EVERY_MS) {
        last = found;
        saidAt = now;
        for (const viewer of viewers.keys()) say(viewer, isNews ? eventOf(found) : ': still here\n\n');
      }
      await delay(everyMs, undefined, { signal }).catch(endAll);
    }
    // Whoever comes later is told nothing old.
    last = undefined;
    isLooking = false;
  }

  signal?.addEventListener('abort', endAll, { once: true });
  return {
    stream(until) {
      if (viewers.size >= maxViewers || signal?.aborted === true) return null;
      let self: Viewer | undefined;
      return new ReadableStream<Uint8Array>(
        {
          start(viewer) {
            self = viewer;
            viewers.set(viewer, until);
            say(viewer, last === undefined ? RETRY : `${RETRY}${eventOf(last)}`);
            if (!isLooking) void keepLooking();
          },
          cancel() {
            if (self !== undefined) viewers.delete(self);
          },
        },
        new CountQueuingStrategy({ highWaterMark: UNREAD }),
      );
    },
  };
}

function eventOf(data: string): string {
  return `event: running\ndata: ${data}\n\n`;
}

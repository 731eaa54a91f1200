/** Wrong tokens that are borne in a row, and how soon one more is. */
const MOST = 20;
const EVERY_MS = 3_000;

export interface Tries {
  /** Until when no token is looked at, ms from now; 0: it is. */
  waitMs(): number;
  /** A token was wrong. */
  failed(): void;
}

/**
 * Bounds guesses, whoever makes them: addresses behind a proxy tell nobody apart. Sessions that have begun go on.
 * @param now ms, of a clock that never goes back
 */
export function boundedTries(now: () => number): Tries {
  let spent = 0;
  let at = now();
  function refill(): void {
    const later = now();
    spent = Math.max(0, spent - (later - at) / EVERY_MS);
    at = later;
  }
  return {
    waitMs() {
      refill();
      return spent <= MOST - 1 ? 0 : Math.ceil((spent - (MOST - 1)) * EVERY_MS);
    },
    failed() {
      refill();
      spent++;
    },
  };
}

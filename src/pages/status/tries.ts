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
  let owedMs = 0;
  let at = now();
  function payBack(): void {
    const later = now();
    owedMs = Math.max(0, owedMs - (later - at));
    at = later;
  }
  return {
    waitMs() {
      payBack();
      return Math.max(0, Math.ceil(owedMs - (MOST - 1) * EVERY_MS));
    },
    failed() {
      payBack();
      owedMs += EVERY_MS;
    },
  };
}

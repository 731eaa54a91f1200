/** When so many events would go that a person has to look first. */
export interface RemovalGuard {
  /** Share of an organization's events, 0 to 1. Default 0.2. */
  share: number;
  /** Fewer than these go without a question, whatever the share. Default 5. */
  least: number;
}

export const DEFAULT_GUARD: RemovalGuard = { share: 0.2, least: 5 };

/** Whether removing `gone` of `stored` events has to wait for a person. */
export function mustHold(gone: number, stored: number, { share, least }: RemovalGuard): boolean {
  return gone >= least && gone > share * stored;
}

import { LumaRateLimited, LumaUnavailable } from '../luma/errors.js';

/** How long an activity that asked Luma wants to be called again after; the workflow sleeps, durably. */
export interface Wait {
  /** How long Luma asks to be left alone, ms; 0: it does not. */
  pauseMs: number;
  /** Luma could not be reached: why. How long to wait then is the workflow's to decide. */
  trouble?: string;
}

export const NO_WAIT: Wait = { pauseMs: 0 };

/** What waiting helps against; everything else is thrown on. */
export function waitAfter(error: unknown): Wait {
  if (error instanceof LumaRateLimited) return { pauseMs: error.pauseMs };
  if (error instanceof LumaUnavailable) return { pauseMs: error.retryAfterMs ?? 0, trouble: error.message };
  throw error;
}

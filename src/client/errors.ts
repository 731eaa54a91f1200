import { commandLine, option } from '../shell.js';
import type { SyncFailure } from '../workflows/contract.js';

/** Temporal cannot be reached, or refuses this program. Says the address and what to do. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';

  constructor(
    readonly address: string,
    readonly reason: string,
    readonly remedy: string,
    /** It may answer again by itself, as after a restart. */
    readonly temporary = false,
  ) {
    super(`Temporal at ${address}: ${reason} – ${remedy}`);
  }
}

/**
 * A sync ended without success. `type` is one of the failure types of docs/operating.md, or `Canceled`,
 * `Terminated` or `TimedOut` where an operator or a limit ended it.
 */
export class SyncFailed extends Error {
  override readonly name = 'SyncFailed';

  constructor(
    readonly type: string,
    readonly reason: string,
    readonly workflowId: string,
    /** Set for the sync of one organization. */
    readonly orgId?: string,
  ) {
    super(`${type}: ${reason}`);
  }

  get failure(): SyncFailure {
    return { type: this.type, message: this.reason };
  }
}

/** A sync of the organization runs, and what was asked for has to wait for its end. */
export class SyncRunning extends Error {
  override readonly name = 'SyncRunning';

  constructor(
    readonly orgId: string,
    workflowId: string,
  ) {
    super(
      `a sync of ${JSON.stringify(orgId)} runs (${workflowId}) – wait for its end, or end it: ${commandLine('luma-sync', 'sync', 'cancel', ...option('--org', orgId))}`,
    );
  }
}

/** The settings given to `connectLumaSync` lack a part that the called function needs. */
export class NotConfigured extends Error {
  override readonly name = 'NotConfigured';
}

/** A schedule's time that Temporal does not accept. */
export class ScheduleInvalid extends Error {
  override readonly name = 'ScheduleInvalid';
}

/** There is no schedule yet. */
export class ScheduleMissing extends Error {
  override readonly name = 'ScheduleMissing';
}

/** Luma did not say which calendar a key opens. The message says what to do, and never the key. */
export class LumaCheckFailed extends Error {
  override readonly name = 'LumaCheckFailed';

  constructor(
    /** One of the failure types of docs/operating.md. */
    readonly type: string,
    reason: string,
    remedy: string,
  ) {
    super(`${reason} – ${remedy}`);
  }
}

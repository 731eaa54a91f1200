import type { Db } from 'mongodb';
import type { LumaSync } from '../../client/connect.js';
import type { LiveUpdates } from './live-updates.js';
import type { Sessions } from './session.js';
import type { Tries } from './tries.js';

/** What the pages read and do; `connectLumaSync` has it. */
export type StatusOperations = Pick<LumaSync, 'status' | 'runs' | 'removals' | 'quarantine' | 'orgs'>;

export interface StatusOptions {
  /** Path under which everything is, as browsers see it. */
  root: string;
  token: string;
  publicUrl?: string;
  operations: StatusOperations;
  reader: () => Promise<Db>;
  now: () => Date;
  signal?: AbortSignal;
}

/** What all pages of the status share. */
export interface StatusMeans extends StatusOptions {
  sessions: Sessions;
  tries: Tries;
  live: LiveUpdates;
}

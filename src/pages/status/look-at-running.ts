import type { Db } from 'mongodb';
import { within } from '../../within.js';
import { organizationNames } from '../organization-names.js';
import type { StatusOptions } from './means.js';
import { runningView } from './running-view.js';

const NAMED = 50;
const LIMIT_MS = 5_000;

/** What the live part of the page shows now, as JSON: `{html, running}`. Without an answer it says so. */
export function lookAtRunning({
  operations,
  reader,
}: Pick<StatusOptions, 'operations' | 'reader'>): () => Promise<string> {
  return async () => {
    const { running } = await operations
      .status({ parts: ['running'], limit: NAMED, limitMs: LIMIT_MS })
      .catch(() => ({ running: undefined }));
    const syncs = running === undefined ? [] : [...running.stuck.first, ...running.syncs];
    const ids = [...new Set(syncs.flatMap(({ orgId }) => orgId ?? []))];
    const names = await within(LIMIT_MS, namesOf(reader, ids)).catch(() => new Map<string, string>());
    const count = running === undefined ? null : running.fullSyncs + running.orgSyncs;
    return JSON.stringify({ html: runningView({ running, names, now: new Date() }).text, running: count });
  };
}

async function namesOf(reader: () => Promise<Db>, ids: readonly string[]): Promise<Map<string, string>> {
  return ids.length === 0 ? new Map() : await organizationNames(await reader(), ids);
}

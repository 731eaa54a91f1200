import type { SyncLook, WatchedOrg } from '../../client/watch/look.js';
import { about } from './countdown.js';
import { fullSyncLines, orgSyncLines } from './progress.js';
import { count, oneLine } from './text.js';

/** What only counts on is told so often. */
const COUNTS_EVERY_MS = 10_000;
/** With more organizations at the same time the phases of each would be too much to read. */
const PHASES_OF = 20;

/**
 * The news of a sync as lines that stay, for a log or a pipe: each organization's phases and pauses, how far it is every ten
 * seconds, and how the sync stands at its end. What holds it up is told elsewhere.
 */
export function watchLog(): (look: SyncLook) => string[] {
  const told = new Map<string, { key: string; atMs: number }>();

  /** @param key what is news whenever it changes */
  function isNews(name: string, key: string, at: Date): boolean {
    const before = told.get(name);
    const isSame = before?.key === key;
    if (isSame && at.getTime() - before.atMs < COUNTS_EVERY_MS) return false;
    told.set(name, { key, atMs: at.getTime() });
    return true;
  }

  let said: string[] = [];
  return (look) => {
    const { at, fullSync, orgs } = look;
    if (look.away !== undefined) return [];
    const lines: string[] = [];
    if (fullSync === undefined) {
      for (const org of orgs) if (isNews(org.orgId, keyOf(org), at)) lines.push(...orgLines(org, look));
    } else {
      const { phase, orgs: counts } = fullSync;
      if (isNews('', JSON.stringify([phase, counts.total, counts.failed]), at)) {
        lines.push(`${fullSyncLines(fullSync)[0] ?? ''}${stillRunning(look)}${ending(look)}`);
      }
      const isMany = orgs.length > PHASES_OF;
      for (const org of orgs) {
        if (isMany && org.failure === undefined) continue;
        const key = keyOf(org);
        const isFirst = told.get(org.orgId)?.key !== key;
        told.set(org.orgId, { key, atMs: at.getTime() });
        if (isFirst) lines.push(...orgLines(org).map((line) => `  ${oneLine(org.orgId)}: ${line}`));
      }
    }
    const news = lines.filter((line) => !said.includes(line));
    if (lines.length > 0) said = lines;
    return news;
  };
}

function keyOf({ progress, failure }: WatchedOrg): string {
  return JSON.stringify([progress?.phase, progress?.pausedUntil, failure, progress?.failure]);
}

function orgLines({ progress, failure }: WatchedOrg, look?: SyncLook): string[] {
  if (failure !== undefined) return [oneLine(`failed: ${failure.type}: ${failure.message}`)];
  if (progress === undefined) return [];
  const [first = '', ...more] = orgSyncLines(progress);
  return [`${first}${look === undefined ? '' : ending(look)}`, ...more];
}

function stillRunning({ fullSync }: SyncLook): string {
  const running = fullSync?.orgs.running ?? 0;
  return running === 0 ? '' : ` · ${count(running, 'organization')} running`;
}

function ending({ endsAt, at }: SyncLook): string {
  return endsAt === undefined || endsAt <= at ? '' : ` · ${about(endsAt, at)} left`;
}

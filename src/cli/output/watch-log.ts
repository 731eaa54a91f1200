import type { SyncLook, WatchedOrg } from '../../client/watch/look.js';
import type { FullSyncProgress } from '../../workflows/contract.js';
import { orgSyncLines } from './progress.js';
import { oneLine } from './text.js';
import { fullSyncLine } from './watch-head.js';
import { leftInWords } from './watch-org.js';

/** What only counts on is told so often. */
const COUNTS_EVERY_MS = 10_000;
/** With more organizations at the same time the phases of each would be too much to read. */
const PHASES_OF = 20;

/**
 * The news of a sync as lines that stay, for a log or a pipe: each organization's phases and pauses, how far it is every ten
 * seconds, and how the sync stands at its end. What holds it up is told elsewhere.
 */
export function watchLog(): (look: SyncLook) => string[] {
  const told = new Map<string, Told>();
  let said: string[] = [];

  /** Whether something is news: another phase, another pause, or counts that were not told for long. */
  function isNews(
    name: string,
    { key, pausedUntil }: Omit<Told, 'atMs'>,
    at: Date,
    everyMs: number,
  ): boolean {
    const before = told.get(name);
    // That a pause is over is no news.
    const pause = pausedUntil ?? before?.pausedUntil;
    const isSame = before?.key === key && before.pausedUntil === pause;
    if (isSame && at.getTime() - before.atMs < everyMs) return false;
    told.set(name, { key, pausedUntil: pause, atMs: at.getTime() });
    return true;
  }

  function ofFullSync(look: SyncLook, fullSync: FullSyncProgress): string[] {
    const { at, orgs } = look;
    const { phase, orgs: counts } = fullSync;
    const key = JSON.stringify([phase, counts.total, counts.failed]);
    const isMany = orgs.length > PHASES_OF;
    return [
      ...(isNews('', { key }, at, COUNTS_EVERY_MS) ? [fullSyncLine(look, fullSync, at)] : []),
      ...orgs
        .filter(
          (org) => (!isMany || org.failure !== undefined) && isNews(org.orgId, keyOf(org), at, Infinity),
        )
        .flatMap((org) => orgLines(org).map((line) => `  ${oneLine(org.orgId)}: ${line}`)),
    ];
  }

  return (look) => {
    const { at, fullSync, orgs, away } = look;
    if (away !== undefined) return [];
    const lines =
      fullSync === undefined
        ? orgs
            .filter((org) => isNews(org.orgId, keyOf(org), at, COUNTS_EVERY_MS))
            .flatMap((org) => orgLines(org, leftInWords(org.endsAt, at)))
        : ofFullSync(look, fullSync);
    const news = lines.filter((line) => !said.includes(line));
    if (lines.length > 0) said = lines;
    return news;
  };
}

interface Told {
  /** What is news whenever it changes. */
  key: string;
  pausedUntil?: string | undefined;
  atMs: number;
}

function keyOf({ progress, failure }: WatchedOrg): Omit<Told, 'atMs'> {
  const key = JSON.stringify([progress?.phase, failure, progress?.failure]);
  return { key, pausedUntil: progress?.pausedUntil };
}

function orgLines({ progress, failure }: WatchedOrg, left = ''): string[] {
  if (failure !== undefined) return [oneLine(`failed: ${failure.type}: ${failure.message}`)];
  if (progress === undefined) return [];
  const [first = '', ...more] = orgSyncLines(progress);
  return [`${first}${left === '' ? '' : ` · ${left}`}`, ...more];
}

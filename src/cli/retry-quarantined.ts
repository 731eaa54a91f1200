import type { LumaSync, OrgSyncRun } from '../client/connect.js';
import { SyncFailed } from '../client/errors.js';
import type { QuarantinedSummary } from '../client/quarantine.js';
import type { SyncFailure } from '../workflows/contract.js';
import { EXIT, ExitWith } from './exit.js';
import { leaveOnSignal } from './leave-on-signal.js';
import { print, printJson, say } from './output/io.js';
import { oneLine } from './output/text.js';
import { watchObstacles } from './watch-obstacles.js';

type Failures = ({ orgId: string } & SyncFailure)[];

/** Organizations synced at the same time. */
const AT_ONCE = 8;

/**
 * Syncs the organizations that have entries in quarantine, and says what became of the entries.
 * @throws ExitWith where some are still there
 */
export async function retryQuarantined(
  lumaSync: LumaSync,
  { org, json }: { org: string | undefined; json: boolean },
): Promise<void> {
  const before = await lumaSync.quarantine.list(org);
  if (before.length === 0) {
    say('Nothing is in quarantine.');
    if (json) printJson({ left: [], remaining: [], failures: [] });
    return;
  }
  const failures = await attend(lumaSync, [...new Set(before.map(({ orgId }) => orgId))]);
  const retried = new Set(before.map(({ orgId }) => orgId));
  const remaining = (await lumaSync.quarantine.list(org)).filter(({ orgId }) => retried.has(orgId));
  const still = new Set(remaining.map(keyOf));
  const left = before.filter((entry) => !still.has(keyOf(entry)));

  if (json) printJson({ left, remaining, failures });
  else {
    print(
      [
        ...left.map((entry) => `left         ${inWords(entry)}`),
        ...remaining.map((entry) => `still there  ${inWords(entry)}: ${problemsOf(entry)}`),
      ].join('\n'),
    );
  }
  for (const { orgId, type, message } of failures) say(oneLine(`${orgId} failed: ${type}: ${message}`));
  if (remaining.length > 0 || failures.length > 0) throw new ExitWith(EXIT.partly);
}

/** @returns the syncs that failed */
async function attend(lumaSync: LumaSync, orgIds: readonly string[]): Promise<Failures> {
  const over = new AbortController();
  const leave = leaveOnSignal(over.signal, 'The syncs that were started go on without this command.');
  const underWay = new Set<OrgSyncRun>();
  const obstacles = watchObstacles(() => [...underWay], {
    ...{ signal: over.signal, say },
    hasWorkers: () => lumaSync.hasWorkers(),
  });
  try {
    return await Promise.race([syncEach(lumaSync, orgIds, underWay), leave]);
  } finally {
    over.abort();
    await obstacles;
  }
}

async function syncEach(
  lumaSync: LumaSync,
  orgIds: readonly string[],
  underWay: Set<OrgSyncRun>,
): Promise<Failures> {
  const failures: Failures = [];
  const waiting = [...orgIds];
  const syncNext = async (): Promise<void> => {
    for (let orgId = waiting.shift(); orgId !== undefined; orgId = waiting.shift()) {
      const run = await lumaSync.syncOrgEvents(orgId);
      say(`Sync of ${oneLine(orgId)} ${run.alreadyRunning ? 'is running already: joined it' : 'started'}.`);
      underWay.add(run);
      try {
        await run.result();
      } catch (error) {
        if (!(error instanceof SyncFailed)) throw error;
        failures.push({ orgId, ...error.failure });
      } finally {
        underWay.delete(run);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, syncNext));
  return failures;
}

function keyOf({ orgId, entryKey }: QuarantinedSummary): string {
  return JSON.stringify([orgId, entryKey]);
}

function inWords({ orgId, lumaEventId }: QuarantinedSummary): string {
  return `${oneLine(orgId)}  ${lumaEventId === null ? 'an entry without an id' : oneLine(lumaEventId)}`;
}

function problemsOf({ problems }: QuarantinedSummary): string {
  return oneLine(problems.map(({ path, problem }) => `${path} ${problem}`).join(', '));
}

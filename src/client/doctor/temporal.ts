import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.js';
import { type DeploymentNames, ORG_ID_ATTRIBUTE } from '../../workflows/contract.js';
import { TemporalUnavailable } from '../errors.js';
import { registerCommand } from '../search-attribute-commands.js';
import { ensureSearchAttribute, retypeNeeded, searchAttributeState } from '../search-attribute.js';
import { pollersOf, type TemporalAccess, temporalAccess } from '../temporal.js';
import { divided, fail, firstOf, pass, type PartCheck, warn } from './check.js';
import { checkSchedule } from './schedule.js';

export interface TemporalCheckOptions {
  names: DeploymentNames;
  connectTimeoutMs: number;
  /** Registers the search attribute where it is missing. */
  fix: boolean;
}

const ATTRIBUTE = 'search attribute';

/** Temporal: answers, and has what the syncs need. */
export async function checkTemporal(
  settings: TemporalSettings,
  { names, connectTimeoutMs, fix }: TemporalCheckOptions,
): Promise<PartCheck[]> {
  const access = temporalAccess(settings, connectTimeoutMs);
  const { address, namespace } = access;
  const behind = [ATTRIBUTE, 'workers', 'schedule'];
  try {
    const server = await attempt('server', ['namespace', ...behind], async () => {
      const { serverVersion } = await access.use((client) => client.workflowService.getSystemInfo({}));
      const version = serverVersion
        ? `Temporal ${serverVersion}`
        : 'a Temporal that does not tell its version';
      return pass('server', `${version} at ${address}`);
    });
    if (server.status === 'fail') return [server];
    const named = await attempt('namespace', behind, async () => {
      await access.use((client) => client.workflowService.describeNamespace({ namespace }));
      return pass('namespace', namespace);
    });
    if (named.status === 'fail') return [server, named];
    const rest = await Promise.all([
      attempt(ATTRIBUTE, [], () => access.use((client) => checkAttribute(client, settings, fix))),
      attempt('workers', [], () => checkWorkers(access, names.taskQueue)),
      attempt('schedule', [], () => access.use((client) => checkSchedule(client, names))),
    ]);
    return [server, named, ...rest];
  } finally {
    await access.close();
  }
}

/** What a check comes to, or the failure that ended it. */
async function attempt(
  name: string,
  notChecked: string[],
  check: () => Promise<PartCheck>,
): Promise<PartCheck> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    const { message, ...remedy } = divided(error.message, '');
    return fail(name, message, { ...remedy, ...(notChecked.length === 0 ? {} : { notChecked }) });
  }
}

async function checkAttribute(
  { connection }: Client,
  where: { address: string; namespace: string },
  fix: boolean,
): Promise<PartCheck> {
  const { namespace } = where;
  const state = await searchAttributeState(connection, namespace);
  if (state === 'registered') return pass(ATTRIBUTE, `${ORG_ID_ATTRIBUTE}, Keyword`);
  if (state === 'unknown') {
    return warn(ATTRIBUTE, `this program may not look whether ${ORG_ID_ATTRIBUTE} is there`, {
      remedy: 'if it is not, have an operator run',
      command: registerCommand(namespace),
    });
  }
  if (typeof state === 'object') throw retypeNeeded(state.otherType, where);
  if (!fix) {
    return fail(ATTRIBUTE, `${ORG_ID_ATTRIBUTE} is missing in namespace ${namespace}: syncs would hang`, {
      remedy: 'register it; a worker does so when it starts, where it may',
      command: 'luma-sync doctor --fix',
      fixable: true,
    });
  }
  await ensureSearchAttribute(connection, where);
  return pass(ATTRIBUTE, `${ORG_ID_ATTRIBUTE}, Keyword: registered just now`, { fixed: true });
}

async function checkWorkers(access: TemporalAccess, taskQueue: string): Promise<PartCheck> {
  const pollers = await pollersOf(access, taskQueue);
  if (pollers.length === 0) {
    return warn('workers', `no worker polls the task queue ${taskQueue}: syncs wait until one does`, {
      remedy: 'start one, and let it run',
      command: 'luma-sync worker',
    });
  }
  const names = pollers.map(({ identity }) => identity).toSorted();
  const polls = names.length === 1 ? '1 worker polls' : `${names.length} workers poll`;
  return pass('workers', `${polls} ${taskQueue}: ${firstOf(names)}`);
}

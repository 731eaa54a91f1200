import { Context } from '@temporalio/activity';
import type { ToldNeed } from '../mongo/needs.js';
import type { OrgId } from '../mongo/documents.js';
import { begun, over } from '../notices/notice.js';
import { type Need, needsOf } from '../policies/needs.js';
import type { ActivityDependencies } from './dependencies.js';
import { findOrganization } from './find-organization.js';

export interface TellNeedsInput {
  orgId: string;
}

export interface TellNeedsOutput {
  begun: Need[];
  over: Need[];
}

/**
 * Tells what has changed about an organization's need of a person, by what is stored now. Each notice is noted as soon
 * as it was taken: an attempt that ends between the two sends it once more, with the same id.
 */
export function tellNeeds(deps: ActivityDependencies) {
  const { store, notify, now = store.now } = deps;

  return async ({ orgId }: TellNeedsInput): Promise<TellNeedsOutput> => {
    const done: TellNeedsOutput = { begun: [], over: [] };
    // A worker without the setting cannot tell; the next sync asks again.
    if (notify === undefined) return done;
    const _id = (await findOrganization(store, orgId))?._id ?? null;
    const standing = _id === null ? null : await store.needs.standing(_id);
    if (_id === null || standing === null) return done;
    const { cancellationSignal } = Context.current();
    const at = now();
    const { name, syncId } = standing;
    let told = standing.told;
    const needs = needsOf(standing, told.map(nameOf), at);
    const isTold = new Set(told.map(nameOf));
    for (const { need, since } of standing.told.filter((one) => !needs.includes(one.need))) {
      await notify(over({ orgId, syncId, name, standing, need, since }), cancellationSignal);
      told = told.filter((one) => one.need !== need);
      await store.needs.noteTold(_id, told);
      done.over.push(need);
    }
    for (const need of needs.filter((one) => !isTold.has(one))) {
      await notify(begun({ orgId, syncId, name, standing, need, since: at }), cancellationSignal);
      told = [...told, { need, since: at }];
      await store.needs.noteTold(_id, told);
      done.begun.push(need);
    }
    return done;
  };
}

/** Whether there is something to tell, after a sync. Asks MongoDB nothing where notices are off. */
export async function isToTell(deps: ActivityDependencies, _id: OrgId): Promise<boolean> {
  const { store, notify, now = store.now } = deps;
  if (notify === undefined) return false;
  const standing = await store.needs.standing(_id);
  if (standing === null) return false;
  const told = standing.told.map(nameOf);
  const needs = needsOf(standing, told, now());
  return needs.length !== told.length || needs.some((need) => !told.includes(need));
}

function nameOf({ need }: ToldNeed): Need {
  return need;
}

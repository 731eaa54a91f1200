import { InvalidArgument } from '../../arguments.js';
import { personProblem } from '../../client/person.js';
import { type HeldRemoval, RemovalAlreadyDecided, RemovalNotHeld } from '../../client/removals.js';
import { OrgNotFound } from '../../mongo/errors.js';
import { page, PRIVATE_HEADERS, seeOther } from '../answers.js';
import { type Content, type Html, markup } from '../markup.js';
import { instant, plural } from '../words.js';
import type { StatusMeans } from './means.js';
import { message } from './message.js';
import { nameOf } from './organizations-view.js';
import { removalsPage, SHOWN_AT_ONCE } from './removals-page.js';
import type { Session } from './session.js';
import { removalsHref } from './waiting-view.js';

const HISTORY = 20;

export interface RemovalsShown {
  orgId: string;
  isRecorded?: boolean;
  problem?: Content;
  status?: number;
  headers?: Record<string, string>;
}

/** The removals of one organization. @throws StoreUnavailable */
export async function showRemovals(
  { root, operations, sessions }: StatusMeans,
  session: Session,
  { orgId, isRecorded = false, problem, status = 200, headers = {} }: RemovalsShown,
): Promise<Response> {
  try {
    const [summary, removals, history] = await Promise.all([
      operations.orgs.show(orgId),
      operations.removals.list(orgId),
      operations.removals.history({ orgId, limit: HISTORY }),
    ]);
    const formToken = sessions.formToken(session);
    const view = { root, orgId, removals, history, formToken, isRecorded, by: session.name };
    const document = removalsPage({
      ...{ ...view, name: nameOf(summary) },
      ...(problem === undefined ? {} : { problem }),
    });
    return page(document, status, { ...PRIVATE_HEADERS, ...headers });
  } catch (error) {
    if (error instanceof OrgNotFound || error instanceof InvalidArgument) {
      return message(root, 404, 'There is no such calendar');
    }
    throw error;
  }
}

const CHANGED =
  'The list has changed since it was shown to you, and nothing was decided. This is how it is now.';

/** Decides on what was shown and checked, and on nothing else. @throws StoreUnavailable */
export async function decide(
  means: StatusMeans,
  session: Session,
  { form, isSecure }: { form: URLSearchParams; isSecure: boolean },
): Promise<Response> {
  const { root, operations, sessions } = means;
  const orgId = form.get('org') ?? '';
  const ids = [...new Set(form.getAll('event'))];
  const name = (form.get('name') ?? '').trim();
  const decision = form.get('decision');
  const refuse = (problem: Content, status: number) =>
    showRemovals(means, { ...session, name }, { orgId, problem, status });

  if (decision !== 'approve' && decision !== 'reject')
    return await refuse('Press one of the two buttons.', 400);
  const problem = personProblem(name);
  if (problem !== null) return await refuse(`Nothing was decided: ${problem}.`, 400);
  if (ids.length === 0) return await refuse('Nothing was decided: check at least one event.', 400);
  if (ids.length > SHOWN_AT_ONCE)
    return await refuse('Nothing was decided: these are too many at once.', 400);
  try {
    const held = new Set((await operations.removals.list(orgId)).map(({ lumaEventId }) => lumaEventId));
    // A sync may have seen the event again, or removed it.
    if (!ids.every((id) => held.has(id))) return await refuse(CHANGED, 409);
    await operations.removals[decision](orgId, ids, { by: name, onlyWaiting: true });
  } catch (error) {
    if (error instanceof RemovalNotHeld) return await refuse(CHANGED, 409);
    if (error instanceof RemovalAlreadyDecided) return await refuse(decidedBefore(error.removals), 409);
    if (error instanceof OrgNotFound || error instanceof InvalidArgument) {
      return message(root, 404, 'There is no such calendar');
    }
    throw error;
  }
  return seeOther(`${removalsHref(root, orgId)}&recorded`, {
    'set-cookie': sessions.cookie({ ...session, name }, isSecure),
  });
}

function decidedBefore(removals: readonly HeldRemoval[]): Html {
  const [first] = removals;
  const { title, decision, decidedBy = 'Somebody', decidedAt } = first ?? {};
  const more = removals.length - 1;
  return markup`Nothing was decided: <bdi>${decidedBy}</bdi> ${decision === 'approved' ? 'let' : 'kept'} “<bdi>${title}</bdi>”${
    decision === 'approved' ? ' go' : null
  }${decidedAt === undefined ? null : markup` on ${instant(decidedAt)}`}${
    more > 0 ? `, and ${plural(more, 'more', 'more')} ${more === 1 ? 'was' : 'were'} decided on` : null
  }. This is how the list is now.`;
}

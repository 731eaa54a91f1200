import { StoreUnavailable } from '../../mongo/errors.js';
import type { Store } from '../../mongo/store.js';
import { webhooksStanding } from '../webhook-standing.js';
import { fail, firstOf, pass, type PartCheck, warn } from './check.js';

const APPLY = { remedy: 'register them at Luma', command: 'luma-sync webhooks apply' };

/** Whether Luma can tell of changes, as far as that shows without asking it. */
export async function checkWebhooks(
  connecting: Promise<Store>,
  { publicUrl, timeoutMs }: { publicUrl: string | undefined; timeoutMs: number },
): Promise<PartCheck[]> {
  const [address, registered] = await Promise.all([
    publicUrl === undefined ? undefined : checkAddress(publicUrl, timeoutMs),
    checkRegistered(connecting, publicUrl),
  ]);
  return [...(address === undefined ? [] : [address]), ...registered];
}

async function checkAddress(publicUrl: string, timeoutMs: number): Promise<PartCheck> {
  const name = 'address';
  const remedy = { remedy: 'start luma-sync serve, and check the proxy before it; Luma has to reach it too' };
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${publicUrl}/livez`, { signal, redirect: 'manual' });
    await response.body?.cancel();
    if (response.status === 200) return pass(name, `${publicUrl} answers`);
    return fail(name, `${publicUrl} answers with ${response.status}, not as luma-sync serve does`, remedy);
  } catch {
    return fail(name, `${publicUrl} does not answer this machine`, remedy);
  }
}

async function checkRegistered(
  connecting: Promise<Store>,
  publicUrl: string | undefined,
): Promise<PartCheck[]> {
  const name = 'registered';
  try {
    const store = await connecting;
    const standing = await webhooksStanding(await store.webhooks.list(), store, publicUrl);
    if (standing === null) return [pass(name, 'not used: changes show with the next scheduled sync')];
    const { organizations, registered, missing, moved, paused, silent } = standing;
    const named = (check: string, ids: readonly string[], what: string) =>
      ids.length === 0 ? [] : [warn(check, `${what} (${firstOf(ids)})`, APPLY)];
    const checks = [
      ...named(name, missing, `${missing.length} of ${organizations} organizations have no webhook`),
      ...named(name, moved, `${moved.length} of them at another address than LUMA_SYNC_PUBLIC_URL`),
      ...named('paused', paused, `${paused.length} of them paused, when Luma was last asked`),
      ...(silent.length === 0
        ? []
        : [
            warn(
              'silent',
              `changes came that ${silent.length} of them did not tell of (${firstOf(silent.map(({ orgId }) => orgId))})`,
              { remedy: 'see how Luma has them', command: 'luma-sync webhooks list' },
            ),
          ]),
    ];
    return checks.length > 0 ? checks : [pass(name, `all ${registered} as far as is known`)];
  } catch (error) {
    const why = error instanceof StoreUnavailable ? error.message : 'MongoDB cannot be used';
    return [warn(name, `not checked: ${why}`, { remedy: 'put MongoDB right first' })];
  }
}

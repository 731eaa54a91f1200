import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { requireTransactions, type Store } from '../mongo/store.js';

/**
 * What has to hold before a worker takes work: MongoDB does transactions, and the key ring is the one that the
 * stored keys were sealed with. One that fails here would fail one organization after the other.
 * @throws TransactionsMissing, KeyringMismatch, StoreUnavailable
 */
export async function checkBeforeStart(
  store: Store,
  { keyring, warnings = [] }: Pick<Config, 'keyring' | 'warnings'>,
  log: Logger,
): Promise<void> {
  for (const warning of warnings) log.warn(warning);
  await requireTransactions(store.db);
  await store.keyringChecks.ensure(keyring);
  const missing = await store.keyringChecks.missing(keyring);
  for (const { keyId, organizations } of missing) {
    log.warn(
      { keyId, organizations },
      'the key ring lacks a key that Luma keys are sealed with: syncs of those organizations will fail',
    );
  }
}

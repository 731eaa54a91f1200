import { isOfFeed } from '../policies/of-feed.js';
import { argument, commandLine, option } from '../shell.js';
import type { SyncFailure } from './contract.js';

/** What an operator does about a failure, by its type. The others say it themselves, or nothing has to be done. */
const REMEDIES: Partial<Record<string, (orgId: string) => string>> = {
  LumaKeyRejected: (orgId) => `make a new key in the calendar's settings at Luma, then: ${setKey(orgId)}`,
  LumaForbidden: () => "the key is good: look at the calendar's plan and rights at Luma",
  LumaContractBroken: () => 'check LUMA_BASE_URL and what answers there; if that is Luma, report it',
  LumaPaginationBroken: (orgId) => `start it again: ${sync(orgId)}; if it stays so, only Luma can mend it`,
  LumaUnavailable: (orgId) => `the next sync tries again; to try now: ${sync(orgId)}`,
  LumaRateLimitStuck: (orgId) => `find out who else uses this calendar's key; later: ${sync(orgId)}`,
  OrgNotFound: () => 'see which there are: luma-sync orgs list',
  OrgHasNoKey: (orgId) => `give it one: ${setKey(orgId)}`,
  StoreUnavailable: (orgId) => `look at MongoDB, then: ${sync(orgId)}`,
  TimedOut: (orgId) => `look at the log of the workers, then: ${sync(orgId)}`,
  UnexpectedError: () =>
    'look for "unexpected error in an activity" in the log of the workers, and report it',
};

/** The same where no key is concerned, but the calendar's public feed. */
const REMEDIES_OF_FEEDS: typeof REMEDIES = {
  LumaForbidden: (orgId) => `see whether the calendar is public at Luma, or ${setFeed(orgId)}`,
  OrgHasNoKey: setFeed,
};

/** The failure with what to do about it in its message. */
export function withRemedy({ type, message }: SyncFailure, orgId: string): SyncFailure {
  const remedy = (isOfFeed(message) ? REMEDIES_OF_FEEDS[type] : undefined) ?? REMEDIES[type];
  // Some messages name their remedy already, such as those about DNS, TLS and proxies.
  if (remedy === undefined || message.includes(' – ')) return { type, message };
  return { type, message: `${message} – ${remedy(orgId)}` };
}

function setKey(orgId: string): string {
  return commandLine('luma-sync', 'orgs', 'set-key', ...argument(orgId));
}

function setFeed(orgId: string): string {
  return `give it the right feed: ${commandLine('luma-sync', 'orgs', 'set-feed', ...argument(orgId), 'URL')}`;
}

function sync(orgId: string): string {
  return commandLine('luma-sync', 'sync', ...option('--org', orgId));
}

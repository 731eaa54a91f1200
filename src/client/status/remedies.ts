import { isOfFeed } from '../../policies/of-feed.js';
import { argument, commandLine, option } from '../../shell.js';

/**
 * What to do about a failure, in one line; a command where one helps.
 * @param reason `Type: message`, as the organization's document has it
 */
export function remedyFor(reason: string, orgId: string): string {
  const sync = commandLine('luma-sync', 'sync', ...option('--org', orgId));
  const setKey = commandLine('luma-sync', 'orgs', 'set-key', ...argument(orgId));
  const rebind = commandLine('luma-sync', 'orgs', 'rebind', ...argument(orgId));
  const newKey = `make a new key at Luma, then: ${setKey}`;
  const newFeed = `the right feed: ${commandLine('luma-sync', 'orgs', 'set-feed', ...argument(orgId), 'URL')}`;
  const ofFeed = isOfFeed(reason);
  const type = /^(\w+):/.exec(reason)?.[1] ?? '';
  switch (type) {
    case 'LumaKeyRejected':
      return newKey;
    case 'OrgHasNoKey':
      return ofFeed ? `give it ${newFeed}` : newKey;
    case 'LumaForbidden':
      return ofFeed
        ? `see whether the calendar is public at Luma – or give it ${newFeed}`
        : "look at the calendar's plan and rights at Luma";
    case 'LumaCalendarChanged':
      return `${ofFeed ? newFeed : `the right key: ${setKey}`} – or, if it is meant: ${rebind}`;
    case 'KeyUnreadable':
      return `put the key id that is named back into the key ring of every worker, or: ${setKey}`;
    case 'LumaUnavailable':
      return `the next sync tries again, or now: ${sync}`;
    case 'LumaRateLimitStuck':
      return `find out who else uses up this calendar's budget, then: ${sync}`;
    case 'LumaContractBroken':
      return 'check LUMA_BASE_URL and what stands between; else look for a newer version';
    case 'StoreUnavailable':
      return `look at MongoDB, then: ${sync}`;
    case 'LumaPaginationBroken':
    case 'StagedPagesMissing':
    case 'LumaKeyChanged':
    case 'SyncOvertaken':
    case 'Terminated':
    case 'TimedOut':
      return sync;
    case '':
      return "mend the organization's document, then: luma-sync orgs list";
    default:
      return `see “Failures” in docs/operating.md, then: ${sync}`;
  }
}

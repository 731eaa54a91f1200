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
  const newAddress = "put the right lumaIcalUrl into the organization's document";
  const isOfFeed = /\/ics\/get|lumaIcalUrl|the feed is of/.test(reason);
  const type = /^(\w+):/.exec(reason)?.[1] ?? '';
  switch (type) {
    case 'LumaKeyRejected':
      return newKey;
    case 'OrgHasNoKey':
      return isOfFeed ? newAddress : newKey;
    case 'LumaForbidden':
      return isOfFeed
        ? 'see whether the calendar is public at Luma, and whether lumaIcalUrl is its address'
        : "look at the calendar's plan and rights at Luma";
    case 'LumaCalendarChanged':
      return `${isOfFeed ? newAddress : `the right key: ${setKey}`} – or, if it is meant: ${rebind}`;
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

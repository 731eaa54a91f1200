import { isOfFeed } from '../../policies/of-feed.js';

const SENTENCES: Record<string, string> = {
  LumaKeyRejected:
    'Luma no longer accepts the key of this calendar. Make a new key in the calendar’s settings at Luma, and give it to whoever runs this service.',
  LumaForbidden:
    'Luma does not let the key read this calendar. Look at the calendar’s plan and rights at Luma: the API needs Luma Plus.',
  LumaCalendarChanged:
    'The key opens another calendar than before. Nothing is changed until somebody says that this is intended.',
  LumaUnavailable: 'Luma could not be reached for about an hour. The next sync tries again.',
  LumaRateLimitStuck:
    'Luma asked for one pause after another. Another program may be using up the requests that Luma allows this calendar.',
  LumaContractBroken: 'Luma’s answers could not be understood.',
  LumaPaginationBroken: 'Luma’s list of the events could not be followed to its end.',
  KeyUnreadable: 'The stored key of this calendar cannot be opened by this service.',
  OrgHasNoKey: 'The key of this calendar has been taken away.',
  StoreUnavailable: 'The database could not be reached.',
  Canceled: 'The last sync was canceled.',
  Terminated: 'The last sync was ended by hand.',
  TimedOut: 'The last sync took longer than it may.',
};

/** The same where no key is concerned, but the calendar's public feed. */
const SENTENCES_OF_FEEDS: typeof SENTENCES = {
  LumaForbidden:
    'Luma does not show the public feed of this calendar. See whether the calendar is public at Luma.',
  LumaCalendarChanged:
    'The feed is of another calendar than before. Nothing is changed until somebody says that this is intended.',
  OrgHasNoKey: 'The address of this calendar’s feed is none of Luma’s.',
};

/**
 * Why the last sync did not succeed, for whoever looks after the calendar.
 * @param reason `Type: message`, as the organization has it
 */
export function reasonInWords(reason: string): string {
  const type = /^(\w+):/.exec(reason)?.[1] ?? '';
  const ofFeed = isOfFeed(reason) ? SENTENCES_OF_FEEDS[type] : undefined;
  return ofFeed ?? SENTENCES[type] ?? 'The last sync did not succeed.';
}

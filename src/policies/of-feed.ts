/** Whether a failure is about a calendar's public feed, and so about no key: by its message, which says it. */
export function isOfFeed(message: string): boolean {
  return /\/ics\/get|lumaIcalUrl|the feed is of/.test(message);
}

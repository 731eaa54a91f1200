/** The hosts that Luma puts behind an event's id. */
const UID = /^((?:evt|calev)-[A-Za-z0-9_-]{1,120})@(?:events\.)?(?:lu\.ma|luma\.com)$/;

/** The id that the API has for the same event. @returns `undefined` for a UID of another form */
export function eventIdOf(uid: string | undefined): string | undefined {
  return UID.exec(uid?.trim() ?? '')?.[1];
}

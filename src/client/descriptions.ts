/** What Temporal's UI shows beside the schedule, until somebody writes another note. */
export const SCHEDULE_NOTE =
  "Syncs every organization's Luma calendar into MongoDB. Change it with: luma-sync schedule apply";

/** Temporal's own Markdown: what somebody who finds a full sync in the UI has to know. */
export const FULL_SYNC_DETAILS = `Brings the events of every organization that has a Luma key or a feed into MongoDB: one child workflow \`luma-org-sync/<organization>\` each.

**Current details** list who is paused, retried and failed. A result that is *partial* names the organizations that failed and what to do; the others are complete. The next run tries them again.

Canceling it cancels its organizations' syncs. Nothing is lost: the next sync goes on.`;

/** The same for the sync of one organization. */
export const ORG_SYNC_DETAILS = `Brings the events of one Luma calendar into MongoDB. Timers are pauses that Luma asks for, or tries after it could not be reached: their summaries say which.

Canceling it loses nothing: what is stored stays, and the next sync goes on.`;

/** The same where Luma has told of changes. */
export const HINTED_SYNC_DETAILS = `Asks Luma about the events that its webhooks named, and brings what it says into MongoDB. Changes that come meanwhile are followed in the same workflow, one sync after the other.

Canceling it leaves these changes to the next sync of the calendar.`;

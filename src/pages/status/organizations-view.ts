import type { RunDay } from '../../client/runs-days.js';
import { type OrgCondition, syncedAt } from '../../client/status/organizations.js';
import { remedyFor } from '../../client/status/remedies.js';
import type { OrganizationSummary } from '../../mongo/organizations.js';
import { type Content, type Html, markup } from '../markup.js';
import { ago, instant } from '../words.js';
import { daysInWords, daysPlot } from './days-plot.js';
import { reasonInWords } from './reason-words.js';

export interface ShownOrganization {
  summary: OrganizationSummary;
  condition: OrgCondition;
  /** Absent: they could not be read. */
  days?: readonly RunDay[];
}

const BADGES: Record<OrgCondition, { words: string; style: string }> = {
  fresh: { words: 'up to date', style: 'good' },
  stale: { words: 'out of date', style: 'warn' },
  neverSynced: { words: 'never synced', style: 'warn' },
  failing: { words: 'fails', style: 'bad' },
  stuck: { words: 'stuck', style: 'bad' },
};

/** The most urgent first. */
export const URGENCY: readonly OrgCondition[] = ['stuck', 'failing', 'neverSynced', 'stale', 'fresh'];

export function nameOf({ id, name, calendarName }: OrganizationSummary): string {
  return [name, calendarName ?? ''].find((one) => one.trim() !== '') ?? id;
}

/** How one organization stands. */
export function organizationView({ summary, condition, days }: ShownOrganization, now: Date): Html {
  const { words, style } = BADGES[condition];
  const at = syncedAt(summary);
  const synced =
    at === undefined
      ? 'Its whole calendar was never synced.'
      : markup`Last synced ${ago(at, now)} <span class="small">(${instant(at)})</span>`;
  return markup`<li class="org"><div><h3><bdi>${nameOf(summary)}</bdi> <span class="badge ${style}">${words}</span></h3>
<p class="muted">${synced}</p></div>
<div>${days === undefined ? null : markup`${daysPlot(days)}<p class="muted small">${daysInWords(days)}</p>`}</div>${why(summary, condition)}</li>
`;
}

function why({ id, reason, unusable }: OrganizationSummary, condition: OrgCondition): Content {
  if (condition !== 'failing') return null;
  if (unusable !== undefined)
    return markup`<p class="wide">Nothing can be synced of it: ${unusable}. Whoever runs this service has to mend what is stored of it.</p>`;
  if (reason === undefined) return null;
  return markup`<p class="wide">${reasonInWords(reason)}</p><details><summary>For whoever runs this service</summary><p>${reason}</p><p>What to do: <code>${remedyFor(reason, id)}</code></p></details>`;
}

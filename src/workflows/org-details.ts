import type { OrgSyncPhase, OrgSyncProgress } from './contract.js';
import { plain, timeOfDay } from './markdown.js';
import { isAnotherTry } from '../policies/unreachable.js';
import { withRemedy } from './remedies.js';
import { counted } from './summaries.js';

const PHASES: Record<OrgSyncPhase, string> = {
  opening: 'Opening the calendar',
  listing: 'Listing events',
  details: 'Asking for descriptions',
  removals: 'Asking about events that are no longer listed',
  hints: 'Asking about events that Luma told of',
  preview: 'Comparing, for the dry run',
  closing: 'Storing the report',
  done: 'Done',
};

/** What Temporal's UI shows of an organization's sync, as Markdown: ids, counts and reasons only. */
export function orgDetails(progress: OrgSyncProgress): string {
  const { phase, dryRun, pausedUntil, pauseReason, failure } = progress;
  const state = phase === 'done' && failure !== undefined ? 'Ended without success' : PHASES[phase];
  const lines = [`**${state}**${dryRun ? ' (dry run: nothing is written)' : ''}`];
  if (pausedUntil !== undefined) {
    const reason = pauseReason ?? 'as set';
    const what = isAnotherTry(reason) ? '🔁 Tries again at' : '⏸ Paused until';
    lines.push(`${what} **${timeOfDay(pausedUntil)}**: ${plain(reason, 300)}`);
  }
  if (failure !== undefined) {
    const { type, message } = withRemedy(failure, progress.orgId);
    lines.push(`❌ **${plain(type, 60)}**: ${plain(message, 1_000)}`);
  }
  return [...lines, figures(progress)].join('\n\n');
}

function figures(progress: OrgSyncProgress): string {
  const { pages, events, requests, waitedMs, detailsDue, detailsAsked, detailsPending, hinted } = progress;
  const { seen, inserted, changed, unchanged, removed, held, quarantined } = events;
  const waited = waitedMs > 0 ? `, ${Math.round(waitedMs / 1_000)} s waited` : '';
  const lines = [
    hinted === true
      ? `Told of by Luma: ${counted(detailsDue, 'event')}, ${detailsAsked} asked for`
      : `Listed: ${counted(pages, 'page')}, ${seen} entries`,
    `Events: ${inserted} new, ${changed} changed, ${unchanged} unchanged, ${removed} removed`,
    `Luma: ${counted(requests, 'request')}${waited}`,
  ];
  if (detailsDue > 0 && hinted !== true)
    lines.push(`Descriptions: ${detailsAsked} of ${detailsDue} asked for`);
  if (detailsPending > 0) lines.push(`Left for the next sync: ${detailsPending} descriptions`);
  if (held > 0) lines.push(`Removals to decide: ${held} (\`luma-sync removals list\`)`);
  if (quarantined > 0) lines.push(`In quarantine: ${quarantined} (\`luma-sync quarantine list\`)`);
  return lines.map((line) => `- ${line}`).join('\n');
}

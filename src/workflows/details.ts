import type { FullSyncProgress, OrgSyncProgress } from './contract.js';

/** What the Temporal UI shows of a running sync, as Markdown: counts and ids only. */
export function orgDetails(progress: OrgSyncProgress): string {
  const { phase, pages, events, requests, detailsAsked, detailsDue, pausedUntil, pauseReason, failure } =
    progress;
  const lines = [
    `**${phase}** · ${pages} pages · ${events.seen} events applied · ${requests} requests`,
    `inserted ${events.inserted}, changed ${events.changed}, unchanged ${events.unchanged}, removed ${events.removed}, quarantined ${events.quarantined}`,
  ];
  if (detailsDue > 0) lines.push(`details ${detailsAsked} of ${detailsDue}`);
  if (pausedUntil !== undefined) lines.push(`⏸ ${pauseReason ?? 'paused'}, until ${pausedUntil}`);
  if (failure !== undefined) lines.push(`✗ ${failure.type}: ${failure.message}`);
  return lines.join('\n\n');
}

export function fullDetails({ phase, orgs, running, events, requests }: FullSyncProgress): string {
  const lines = [
    `**${phase}** · ${orgs.completed + orgs.failed + orgs.alreadySyncing} of ${orgs.total} organizations · ${requests} requests`,
    `completed ${orgs.completed}, failed ${orgs.failed}, already syncing ${orgs.alreadySyncing}, running ${orgs.running}`,
    `events: inserted ${events.inserted}, changed ${events.changed}, unchanged ${events.unchanged}, removed ${events.removed}`,
  ];
  if (running.length > 0) lines.push(`now: ${running.join(', ')}`);
  return lines.join('\n\n').slice(0, MAX_DETAILS);
}

/** Temporal keeps 20,000 bytes; ids may hold wide characters. */
const MAX_DETAILS = 5_000;

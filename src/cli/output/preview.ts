import type { OrgDryRun } from '../../client/dry-runs.js';
import type { PreviewEntry } from '../../mongo/documents.js';
import { count, fit, oneLine } from './text.js';

/** What a dry run of one organization found, for people: what would happen to which event, and why. */
export function dryRunText({ orgId, state, reason, events, preview }: OrgDryRun): string {
  const { inserted, changed, hidden, removed, held, unknown } = preview;
  const lines = [
    `${oneLine(orgId)}: ${state === 'complete' ? `${count(events.seen, 'event')} listed, ${events.unchanged} as stored` : `${state} (${oneLine(reason ?? '')})`}`,
    ...part('would be inserted', events.inserted, inserted),
    ...part('would change', events.changed, changed),
    ...part('would be removed', events.removed, [...hidden, ...removed]),
    ...part('would be held for a decision', events.held, held),
  ];
  if (lines.length === 1 && state === 'complete') lines.push('  nothing would change');
  if (events.quarantined > 0)
    lines.push(`  would be quarantined: ${events.quarantined} of the listing's entries`);
  for (const what of unknown) lines.push(`  could not know: ${oneLine(what)}`);
  return lines.join('\n');
}

/** @param total more than the entries where the report does not name all */
function part(title: string, total: number, entries: readonly PreviewEntry[]): string[] {
  if (entries.length === 0) return [];
  return [
    `  ${title}: ${Math.max(total, entries.length)}`,
    ...entries.flatMap(({ lumaEventId, title: name, reason, fields }) => [
      `    ${oneLine(lumaEventId)}  ${oneLine(name)}${reason === undefined ? '' : `  (${oneLine(reason)})`}`,
      ...Object.entries(fields ?? {}).map(
        ([field, { from, to }]) => `      ${field}: ${inWords(from)} → ${inWords(to)}`,
      ),
    ]),
  ];
}

/** Columns of one value: a description may be long. */
const VALUE_WIDTH = 60;

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'string' ? JSON.stringify(oneLine(value)) : JSON.stringify(value);
  return fit(text, VALUE_WIDTH);
}

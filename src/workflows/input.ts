import type { SyncWindow } from './contract.js';
import { workflowFailure } from './failures.js';

/**
 * Checks on what an operator typed into the Temporal CLI or UI. Every problem is said at once; unknown fields are
 * refused, because a mistyped option that is ignored does something else than was asked for.
 */
export function checkInput(input: unknown, fields: Record<string, (value: unknown) => string | null>): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw workflowFailure({ type: 'InvalidInput', message: 'the input is one JSON object, for example {}' });
  }
  const given = input as Record<string, unknown>;
  const problems = Object.keys(given).flatMap((name) => {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (check === undefined)
      return [`${quoted(name)} is not an option (known: ${Object.keys(fields).join(', ')})`];
    const problem = given[name] === undefined ? null : check(given[name]);
    return problem === null ? [] : [`${name} ${problem}`];
  });
  if (problems.length > 0) throw workflowFailure({ type: 'InvalidInput', message: problems.join('; ') });
}

export function wholeNumber(min: number, max: number): (value: unknown) => string | null {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? null
      : `must be a whole number from ${min} to ${max}`;
}

export function yesOrNo(value: unknown): string | null {
  return typeof value === 'boolean' ? null : 'must be true or false';
}

/** A workflow id may have 1,000 bytes, and a character up to three. */
const MAX_ID_LENGTH = 300;

/** Bounded, because it becomes part of a workflow id. */
export function organizationId(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH
    ? null
    : "must be the organization's id, a string of at most 300 characters";
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

export function listingWindow(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'must be {"after": …, "before": …}';
  const { after, before, ...rest } = value as SyncWindow;
  const ends = [after, before].filter((end) => end !== undefined);
  if (Object.keys(rest).length > 0) return 'has only after and before';
  if (!ends.every((end) => INSTANT.test(end) && !Number.isNaN(Date.parse(end)))) {
    return 'must have ISO 8601 instants with a zone, such as 2026-01-31T00:00:00Z';
  }
  if (after !== undefined && before !== undefined && Date.parse(after) >= Date.parse(before)) {
    return 'must begin before it ends';
  }
  return null;
}

/** Long strings are cut: the message goes into the history. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}

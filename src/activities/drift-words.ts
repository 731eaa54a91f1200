import type { Difference } from '../luma/drift.js';

/** A difference as readers meet it: in results, reports, on the organization and in the log. */
export function inWords(difference: Difference): string {
  const { field, kind } = difference;
  if (kind === 'changed-type') {
    return `${field} changed from ${difference.from.join(' or ')} to ${difference.to.join(' or ')}`;
  }
  return kind === 'new-value' ? `${field} has the new value ${difference.value}` : `${field} ${kind}`;
}

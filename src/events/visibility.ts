import { mustHold, type RemovalGuard } from './removal-guard.js';

/**
 * Which events an organization wants stored, by Luma's `visibility`. Without a wish of its own: public ones
 * only. An application widens it with `organizations.lumaVisibility`, a list (or one) of Luma's words.
 */
export function allowedVisibilities(wish: unknown): ReadonlySet<string> {
  const words = (Array.isArray(wish) ? wish : [wish])
    .filter((word): word is string => typeof word === 'string')
    .map((word) => word.trim())
    // No word is a word: an entry without one is silent.
    .filter((word) => word !== '');
  return new Set(['public', ...words]);
}

/**
 * Luma shows these events and says that they are not public, so that a few go at once. Where most of a calendar stops
 * being public together, rather the meaning of Luma's answer has changed, and a person decides.
 */
const VISIBILITY_GUARD: RemovalGuard = { share: 0.5, least: 5 };

/** Whether hiding `hiding` of `stored` events has to wait. */
export function mustAskBeforeHiding(hiding: number, stored: number): boolean {
  return mustHold(hiding, stored, VISIBILITY_GUARD);
}

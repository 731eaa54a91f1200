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

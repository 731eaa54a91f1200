/** How much of an answer is taken in. What is longer or larger than this is refused before it is looked into. */
export const LIMITS = {
  /** Entries on one page. */
  entriesPerPage: 500,
  /** Values in one entry, the nested ones included. */
  valuesPerEntry: 10_000,
  /** Objects and lists within each other, in one entry. */
  depth: 100,
  tags: 100,

  // Lengths of texts, in code points.
  title: 500,
  description: 200_000,
  address: 4_000,
  location: 1_000,
  hostName: 500,
  tag: 200,
  word: 100,
} as const;

/** How a listing is walked. */
export const LISTING = {
  /** Entries that are asked for a page; Luma takes a larger number down to its own maximum. */
  entriesPerPage: 100,
  /** Pages; more is no calendar. */
  pages: 2_000,
} as const;

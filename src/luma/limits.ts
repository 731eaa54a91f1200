/** How much of an answer is taken in. What is longer or larger than this is refused before it is looked into. */
export const LIMITS = {
  /** Entries on one page; 100 are asked for. */
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

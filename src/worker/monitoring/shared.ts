/**
 * Lets callers share the answers of something that costs: one call runs at a time, and whoever asks meanwhile, or
 * shortly after, gets its answer. A failure is not kept.
 *
 * @param freshMs how long an answer is given out, by how long it took, ms
 */
export function shared<T>(work: () => Promise<T>, freshMs: (tookMs: number) => number): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let last: { answer: T; until: number } | undefined;

  async function run(): Promise<T> {
    const begun = performance.now();
    try {
      const answer = await work();
      const ended = performance.now();
      last = { answer, until: ended + freshMs(ended - begun) };
      return answer;
    } finally {
      underWay = undefined;
    }
  }

  return () => {
    if (last !== undefined && performance.now() < last.until) return Promise.resolve(last.answer);
    underWay ??= run();
    return underWay;
  };
}

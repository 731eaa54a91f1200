/** What was waited for did not come in time. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Waits no longer than this. What was begun goes on, and how it ends is then nobody's business.
 * @throws TookTooLong, and what the work throws
 */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TookTooLong(`it did not answer within ${limitMs / 1000} s`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

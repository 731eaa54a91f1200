export type End = () => Promise<unknown>;

/**
 * Ends what was started, the latest first and each once, whatever becomes of the others.
 * @param ends emptied
 * @throws what failed first, after the last
 */
export async function endAll(ends: End[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

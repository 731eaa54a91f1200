export type End = () => Promise<unknown>;

/**
 * Ends what was started, the latest first and each once, whatever becomes of the others.
 * @param ends emptied
 * @throws after the last, what failed; of several one Error with all their messages, one a line
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
  if (failures.length > 1) throw new Error(failures.map(messageOf).join('\n'));
  if (failures.length > 0) throw failures[0];
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

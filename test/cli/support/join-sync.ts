import { expect, onTestFinished } from 'vitest';
import { type CliResult, ended, startCli } from './run.js';

/** Starts `sync --watch`. @returns once it says that it joined a sync */
export async function joinSync(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ end: Promise<CliResult> }> {
  const child = startCli(['sync', '--watch', ...args], env);
  onTestFinished(() => void child.kill());
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const end = ended(child);
  await expect.poll(() => said, { timeout: 60_000 }).toContain('A sync is running already: joined it');
  return { end };
}

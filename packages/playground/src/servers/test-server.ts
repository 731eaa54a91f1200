import { findProgram } from './find.js';
import type { LocalServerOptions, ServerSource } from './options.js';
import { TEST_SERVER } from './recipes.js';

/**
 * The program of Temporal's time-skipping server, for
 * `TestWorkflowEnvironment.createTimeSkipping({server: {executable: {type: 'existing-path', path}}})`.
 * Throws LocalServerUnavailable.
 */
export async function findTestServer(
  options: Pick<LocalServerOptions, 'cacheDir' | 'env' | 'onProgress' | 'sites'>,
): Promise<{ path: string; source: ServerSource }> {
  const { file, source } = await findProgram(TEST_SERVER, options);
  return { path: file, source };
}

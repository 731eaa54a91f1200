import { LumaCheckFailed } from '../client/errors.js';
import { processEnvironment, readConfig } from '../config.js';
import { readLumaKey } from './secret-input.js';

/** The settings are read before anybody is asked for a secret; this variable only where it serves. */
export async function askForKey(file: string | undefined): Promise<string> {
  const environmentKey =
    file === undefined ? readConfig(processEnvironment(), ['lumaApiKey']).lumaApiKey : undefined;
  return await readLumaKey({ file, environmentKey, input: process.stdin });
}

/** Runs a check that comes before something is stored: where it fails, nothing is. */
export async function askLuma<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof LumaCheckFailed)) throw error;
    throw new Error(`${error.message}. Nothing was stored; --no-check stores it without asking Luma`);
  }
}

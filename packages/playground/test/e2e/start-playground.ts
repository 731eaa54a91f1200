import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Executable, main as built, startProcess } from '../../../../test/e2e/support/executable.js';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What `npm run demo` and `npm run dev` start, with no settings but those given; it does not outlive the test. */
export function startPlayground(args: readonly string[], env: Record<string, string> = {}): Executable {
  if (!existsSync(built)) throw new Error('dist/ is not there: run `npm run build` first');
  return startProcess(process.execPath, ['--import', 'tsx', main, ...args], env);
}

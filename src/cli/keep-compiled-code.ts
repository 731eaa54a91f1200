import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

interface MayKeepCode {
  enableCompileCache?: (folder: string) => unknown;
}

/**
 * Has Node (from 22.8 on) keep compiled code beside the program's own, so that the next command starts sooner. Who may
 * write there may write the program too; where nobody may, nothing is kept.
 */
export function keepCompiledCode({ enableCompileCache }: MayKeepCode = nodeModule as MayKeepCode): void {
  enableCompileCache?.(fileURLToPath(new URL('../.compiled', import.meta.url)));
}

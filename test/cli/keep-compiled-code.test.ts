import { expect, test } from 'vitest';
import { keepCompiledCode } from '../../src/cli/keep-compiled-code.js';

test('compiled code is kept beside the program, and a Node that cannot keep any goes on without', () => {
  const folders: string[] = [];
  keepCompiledCode({ enableCompileCache: (folder) => folders.push(folder) });
  expect(folders).toEqual([expect.stringMatching(/\/src\/\.compiled$/)]);
  expect(() => keepCompiledCode({})).not.toThrow();
});

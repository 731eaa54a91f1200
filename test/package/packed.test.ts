import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Paths of the files that `npm pack` takes, as the package stands built. */
async function packed(folder: string): Promise<string[]> {
  // Without scripts: `prepack` would build it anew.
  const pack = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd: folder, maxBuffer: 2 ** 24 });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

describe.each([
  ['luma-sync', root, /^(dist|src|deploy|docs|examples)\/|^(LICENSE|README\.md|SECURITY\.md|package\.json)$/],
  ['fake-luma', join(root, 'packages/fake-luma'), /^(bin|dist|src)\/|^(LICENSE|README\.md|package\.json)$/],
])('the package %s', (_, folder, expected) => {
  let files: string[];
  beforeAll(async () => {
    if (!existsSync(join(folder, 'dist'))) throw new Error('dist/ is not there: run `npm run build` first');
    files = await packed(folder);
  });

  test('holds what is needed to run it, and nothing of tests, benchmarks, other packages or builds', () => {
    expect(files.filter((path) => !expected.test(path))).toEqual([]);
    expect(
      files.filter((path) =>
        /\.test\.|tsbuildinfo|\.compiled|node_modules|\.next|playground|(^|\/)local\/|\bembedded\b/.test(
          path,
        ),
      ),
    ).toEqual([]);
    expect(files).toContain('LICENSE');
    const { exports, bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports: Record<string, string | Record<string, string>>;
      bin: Record<string, string>;
    };
    const named = Object.values(exports).flatMap((one) =>
      typeof one === 'string' ? [one] : Object.values(one),
    );
    for (const path of [...named, ...Object.values(bin)]) {
      expect(files).toContain(path.replace('./', ''));
    }
  });

  test('holds the source of every source map, and code for every source', () => {
    const maps = files.filter((path) => path.endsWith('.map'));
    const named = maps.flatMap((path) => {
      const { sources } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { sources: string[] };
      return sources.map((source) => join(dirname(path), source));
    });
    const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts'));
    expect(named.toSorted()).toEqual(sources.toSorted());
  });
});

test('the bundle of the workflows names no folder of the machine that made it', () => {
  const code = readFileSync(join(root, 'dist/workflow-bundle.js'), 'utf8');
  const map = /sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)/.exec(code)?.[1] ?? '';
  const text = Buffer.from(map, 'base64').toString();
  expect(text).toContain('"../src/workflows/org-sync.ts"');
  expect(code + text).not.toContain(root);
});

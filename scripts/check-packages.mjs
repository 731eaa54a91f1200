// Packs what is published, as it is built, and lets publint and attw look at it: what `exports`, `bin` and `files` name
// must be there, and the types must be found as the code is. The packages are ESM only, and so checked as that.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const temp = mkdtempSync(join(tmpdir(), 'luma-sync-pack-'));
const bin = (name) => join(root, 'node_modules/.bin', name);

try {
  for (const folder of [root, join(root, 'packages/fake-luma')]) {
    // Without scripts: `prepack` would build once more.
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', temp];
    const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' }));
    const tarball = join(temp, filename);
    run('publint', ['--strict', tarball]);
    run('attw', ['--profile', 'esm-only', '--format', 'ascii', tarball]);
  }
} finally {
  rmSync(temp, { recursive: true, force: true });
}

/** What it prints is shown only where it finds something. */
function run(name, args) {
  try {
    execFileSync(bin(name), args, { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    process.stderr.write(`${name} ${args.join(' ')}\n${error.stdout}${error.stderr}`);
    process.exitCode = 1;
  }
}

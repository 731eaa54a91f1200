// Compiles src/ and packages/fake-luma/src/, each to the dist/ beside it, and bundles the workflows in advance, so that
// a worker starts without webpack. What is only for development (packages/playground, test, bench) runs from its sources.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const packages = [root, join(root, 'packages/fake-luma')];

for (const folder of packages) {
  // The build info lives in dist/: removing dist/ always forces a full build.
  if (process.argv.includes('--clean')) rmSync(join(folder, 'dist'), { recursive: true, force: true });
  else removeStale(join(folder, 'src'), join(folder, 'dist'));
}

const projects = packages.map((folder) => join(folder, 'tsconfig.build.json'));
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--build', ...projects], {
  stdio: 'inherit',
});

const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(root, 'dist/workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
const bundle = join(root, 'dist/workflow-bundle.js');
writeFileSync(bundle, withRelativeSources(code));
chmodSync(join(root, 'dist/cli/main.js'), 0o755);

if (!process.argv.includes('--quiet')) {
  const kib = Math.round(statSync(bundle).size / 1024);
  process.stderr.write(`built dist/ (workflow bundle ${kib} KiB)\n`);
}

/** Removes what was compiled from files that are gone: tsc leaves it, and it would be packed. */
function removeStale(src, dist) {
  if (!existsSync(dist)) return;
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name)
      .replace(dist, src)
      .replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
    if (source.endsWith('.ts') && !existsSync(source)) rmSync(join(entry.parentPath, entry.name));
  }
}

/** Its source map, inline, would name the folders of this machine. */
function withRelativeSources(code) {
  return code.replace(/(?<=sourceMappingURL=data:application\/json;charset=utf-8;base64,)\S+/, (base64) => {
    const map = Buffer.from(base64, 'base64').toString();
    return Buffer.from(map.replaceAll(root, '../')).toString('base64');
  });
}

// Compiles src/ to dist/ and bundles the workflows in advance, so that a worker starts without webpack.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

// The build info lives in dist/: removing dist/ always forces a full build.
if (process.argv.includes('--clean')) rmSync(`${root}dist`, { recursive: true, force: true });

execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', `${root}tsconfig.build.json`], {
  cwd: root,
  stdio: 'inherit',
});

cpSync(`${root}src/local/requirements`, `${root}dist/local/requirements`, { recursive: true });

const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: `${root}dist/workflows/index.js`,
  logger: new DefaultLogger('WARN'),
});
writeFileSync(`${root}dist/workflow-bundle.js`, code);
chmodSync(`${root}dist/cli/main.js`, 0o755);

if (!process.argv.includes('--quiet')) {
  const kib = Math.round(statSync(`${root}dist/workflow-bundle.js`).size / 1024);
  process.stderr.write(`built dist/ (workflow bundle ${kib} KiB)\n`);
}

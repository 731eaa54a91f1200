import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultCacheDir } from '../../../packages/playground/src/servers/index.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** What `luma-sync/read` and `luma-sync/feeds` load: see test/read/imports.test.ts. */
const LOADED = ['mongodb', 'zod', 'ical-generator'];

const projects = new Map<string, Promise<string>>();

/**
 * An example as somebody has it who copied it: its dependencies by its own lockfile, kept for the next run, and luma-sync
 * as it is built, with what it loads.
 * Made once; nothing that its programs do changes it for the next one.
 *
 * @returns its folder
 */
export async function exampleProject(name: string): Promise<string> {
  const project = projects.get(name) ?? make(name);
  projects.set(name, project);
  return await project;
}

async function make(name: string): Promise<string> {
  const source = join(root, 'examples', name);
  const folder = await installed(source, name);
  await cp(source, folder, {
    recursive: true,
    filter: (path) => !/node_modules|\.next/.test(path.slice(root.length)),
  });
  await addLumaSync(folder);
  return folder;
}

async function installed(source: string, name: string): Promise<string> {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(source, file)));
  const folder = join(defaultCacheDir(), 'examples', `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const temp = await mkdtemp(`${folder}-`);
  for (const file of files) await cp(join(source, file), join(temp, file));
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: temp });
  await rename(temp, folder);
  return folder;
}

async function addLumaSync(folder: string): Promise<void> {
  const target = join(folder, 'node_modules/luma-sync');
  if (!existsSync(join(root, 'dist'))) throw new Error('dist/ is not there: run `npm run build` first');
  await rm(target, { recursive: true, force: true });
  for (const part of ['package.json', 'dist'])
    await cp(join(root, part), join(target, part), { recursive: true });
  for (const name of LOADED) {
    // As npm places it: once where versions agree, beside luma-sync where they do not.
    const [wanted, there] = await Promise.all([root, folder].map((base) => versionIn(base, name)));
    if (wanted === there) continue;
    await cp(join(root, 'node_modules', name), join(target, 'node_modules', name), { recursive: true });
  }
}

async function versionIn(base: string, name: string): Promise<string | undefined> {
  const file = join(base, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}

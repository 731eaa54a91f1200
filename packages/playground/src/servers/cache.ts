import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { isProgram, runCommand } from './command.js';
import type { InstallContext, Installer, Program, Recipe } from './installer.js';
import { fileSha256, folderSha256 } from './sha256.js';

/*
 * Layout: `<id>.<pid>-<random>/` is an installation, made where it stays (a virtual environment cannot be moved);
 * `<id>.json` says which of them is complete, and is replaced in one step. So a half-done installation is one that
 * no marker names, and of two processes that install at once the later finds the other's marker and takes its own
 * installation away. Before a program runs, all files of its installation are compared with the hash in the marker,
 * and its own file with this project's hash of it, where there is one.
 */

const PROBE_LIMIT_MS = 30_000;
const ABANDONED_AFTER_MS = 60 * 60_000;

const markerSchema = z.object({
  pin: z.string(),
  /** Its name, in the cache folder. */
  folder: z.string().regex(/^[\w-]+\.\d+-\w+$/),
  /** `folderSha256` of it. */
  sha256: z.string(),
});

/** A program installed earlier, or why there is none that can be used. */
export type Installed = { program: Program } | { program?: undefined; reason: string };

/** The program installed earlier, where it is complete, as it was installed, of today's version, and runs. */
export async function readInstalled(
  cacheDir: string,
  recipe: Recipe,
  env: NodeJS.ProcessEnv,
): Promise<Installed> {
  const marker = await readMarker(cacheDir, recipe);
  const installer = recipe.installers.find(({ pin }) => pin === marker?.pin);
  if (marker === undefined || installer === undefined) return { reason: 'nothing complete' };
  const folder = join(cacheDir, marker.folder);
  const program = installer.program(folder);
  if (!(await isProgram(program.file))) return { reason: 'nothing complete' };
  const sha256 = await folderSha256(folder).catch(() => 'unreadable');
  if (sha256 !== marker.sha256 || !(await isExpected(program.file, installer)))
    return { reason: `the files in ${marker.folder} have changed since, so they are not used` };
  return (await runs(program, env)) ? { program } : { reason: 'it does not run' };
}

/** Installs for good. Safe when several processes do it at once: all end up with a program that runs. */
export async function install(
  cacheDir: string,
  recipe: Recipe,
  installer: Installer,
  context: InstallContext,
): Promise<Program> {
  await mkdir(cacheDir, { recursive: true });
  await sweep(cacheDir, recipe);
  const folder = await mkdtemp(join(cacheDir, `${recipe.id}.${process.pid}-`));
  try {
    await installer.install(folder, context);
    const program = installer.program(folder);
    if (!(await isExpected(program.file, installer)))
      throw new Error(`${basename(program.file)} does not have the expected SHA-256: it is not used`);
    if (!(await runs(program, context.env)))
      throw new Error(`${basename(program.file)} was installed but does not run`);
    const { program: winner } = await readInstalled(cacheDir, recipe, context.env);
    if (winner !== undefined) {
      await rm(folder, { recursive: true, force: true });
      return winner;
    }
    const draft = `${folder}.marker`;
    const marker: z.infer<typeof markerSchema> = {
      pin: installer.pin,
      folder: basename(folder),
      sha256: await folderSha256(folder),
    };
    await writeFile(draft, JSON.stringify(marker));
    await rename(draft, markerPath(cacheDir, recipe));
    return program;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function markerPath(cacheDir: string, recipe: Recipe): string {
  return join(cacheDir, `${recipe.id}.json`);
}

async function readMarker(
  cacheDir: string,
  recipe: Recipe,
): Promise<z.infer<typeof markerSchema> | undefined> {
  try {
    return markerSchema.parse(JSON.parse(await readFile(markerPath(cacheDir, recipe), 'utf8')));
  } catch {
    return undefined;
  }
}

async function isExpected(file: string, { executableSha256 }: Installer): Promise<boolean> {
  return executableSha256 === undefined || (await fileSha256(file)) === executableSha256;
}

/** Whether the program starts here: it may be cut off, for another machine, or miss the Python it was made with. */
export async function runs(
  program: Pick<Program, 'file' | 'args' | 'probeArgs'>,
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  if (!(await isProgram(program.file))) return false;
  if (program.probeArgs === undefined) return true;
  try {
    await runCommand(program.file, [...program.args, ...program.probeArgs], { env, limitMs: PROBE_LIMIT_MS });
    return true;
  } catch {
    return false;
  }
}

/** Takes away what killed installations, and versions before, left behind; never what may still be in the making. */
async function sweep(cacheDir: string, recipe: Recipe): Promise<void> {
  const current = (await readMarker(cacheDir, recipe))?.folder;
  const ours = new RegExp(`^${recipe.id}\\.(\\d+)-[^.]+(\\.marker)?$`);
  for (const name of await readdir(cacheDir)) {
    const pid = ours.exec(name)?.[1];
    if (pid === undefined || name === current || isAlive(Number(pid))) continue;
    const path = join(cacheDir, name);
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

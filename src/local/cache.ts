import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import { z } from 'zod';
import { isProgram, runCommand } from './command.js';
import type { InstallContext, Installer, Program, Recipe } from './installer.js';

/*
 * Layout: `<id>.<pid>-<random>/` is an installation, made where it stays (a virtual environment cannot be moved);
 * `<id>.json` says which of them is complete, and is replaced in one step. So a half-done installation is one that
 * no marker names, and of two processes that install at once the later finds the other's marker and takes its own
 * installation away.
 */

const PROBE_LIMIT_MS = 30_000;
const ABANDONED_AFTER_MS = 60 * 60_000;

const markerSchema = z.object({
  pin: z.string(),
  folder: z.string(),
  kind: z.enum(['temporal', 'temporal-test-server', 'mongod', 'secantusdb']),
  /** Relative to the folder. */
  file: z.string(),
  args: z.array(z.string()),
  probeArgs: z.array(z.string()).optional(),
});

/** The program installed earlier, where it is complete, of today's version and runs; otherwise undefined. */
export async function readInstalled(
  cacheDir: string,
  recipe: Recipe,
  env: NodeJS.ProcessEnv,
): Promise<Program | undefined> {
  const marker = await readMarker(cacheDir, recipe);
  if (marker === undefined || !recipe.installers.some(({ pin }) => pin === marker.pin)) return undefined;
  const program = { ...marker, file: join(cacheDir, marker.folder, marker.file) };
  return (await runs(program, env)) ? program : undefined;
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
    const program = await installer.install(folder, context);
    const inside = relative(folder, program.file);
    if (inside.startsWith('..') || isAbsolute(inside))
      throw new Error(`${program.file} is outside the cache folder`);
    if (!(await runs(program, context.env)))
      throw new Error(`${basename(program.file)} was installed but does not run`);
    const winner = await readInstalled(cacheDir, recipe, context.env);
    if (winner !== undefined) {
      await rm(folder, { recursive: true, force: true });
      return winner;
    }
    const draft = `${folder}.marker`;
    await writeFile(
      draft,
      JSON.stringify({ ...program, pin: installer.pin, folder: basename(folder), file: inside }),
    );
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

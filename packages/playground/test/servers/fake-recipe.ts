import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installer, Recipe } from '../../src/servers/installer.js';

interface Behaviour {
  source?: Installer['source'];
  pin?: string;
  /** Runs once the program's file is written. */
  beforeEnd?: () => Promise<void> | void;
}

/** A way of installing a program that does nothing but exit 0. */
export function fakeInstaller({ source = 'pypi', pin = 'fake-1', beforeEnd }: Behaviour = {}): Installer {
  return {
    source,
    pin,
    describe: () => `a test's ${source}`,
    async install(folder) {
      const file = join(folder, 'program');
      await writeFile(file, `#!${process.execPath}\n`);
      await beforeEnd?.();
      await chmod(file, 0o755);
    },
    program: (folder) => ({
      kind: 'temporal',
      file: join(folder, 'program'),
      args: [],
      probeArgs: ['--version'],
    }),
  };
}

export function fakeRecipe(behaviour: Behaviour = {}, ...more: Installer[]): Recipe {
  return {
    id: 'fake',
    title: 'Fake',
    setting: 'FAKE_ADDRESS',
    onPath: { name: 'fake-server', kind: 'temporal' },
    installers: [fakeInstaller(behaviour), ...more],
  };
}

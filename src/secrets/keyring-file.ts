import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { generateKeyring, parseKeyring } from './keyring.js';

/**
 * Makes a key ring with one random key in a new file that only its owner may read.
 * @returns the key's id. @throws the file system's error: `EEXIST` where anything of that name is there
 */
export async function newKeyringFile(file: string): Promise<string> {
  const text = generateKeyring();
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return parseKeyring(text).sealingKeyId;
}

/** Who else than its owner may read or write a file, as a warning with the remedy; `undefined`: nobody. */
export function loosePermissions(file: string, platform = process.platform): string | undefined {
  // Windows has no such modes: Node makes some up.
  if (platform === 'win32') return undefined;
  let mode: number;
  try {
    ({ mode } = statSync(file));
  } catch {
    return undefined;
  }
  if ((mode & 0o066) === 0) return undefined;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return `the key ring ${file} can be read or written by other users (mode ${octal}) – run: chmod 600 ${file}`;
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

const FILES_AT_ONCE = 16;
/** Below this many bytes a file is read whole: of thousands of small ones, streams would cost five times as much. */
const WHOLE_BELOW = 1 << 20;

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Of every file below the folder, by name and content; of a symbolic link, by where it points. */
export async function folderSha256(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (let start = 0; start < paths.length; start += FILES_AT_ONCE) {
    const contents = await Promise.all(paths.slice(start, start + FILES_AT_ONCE).map(contentOf));
    contents.forEach((content, index) => {
      hash.update(JSON.stringify([relative(folder, paths[start + index] ?? ''), content]));
    });
  }
  return hash.digest('hex');
}

async function contentOf(path: string): Promise<string> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return `-> ${await readlink(path)}`;
  if (entry.size >= WHOLE_BELOW) return fileSha256(path);
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findOnPath, reasonOf, runCommand } from './command.js';
import type { Installer, Program } from './installer.js';
import type { ArchivePin, DownloadSites } from './versions.js';

/** Where official sites cannot be reached, requests tend to hang rather than fail: hence a limit of its own. */
const REACH_LIMIT_MS = 3_000;
const DOWNLOAD_LIMIT_MS = 60_000;
const UNPACK_LIMIT_MS = 60_000;
const GETCONF_LIMIT_MS = 5_000;
const MAX_REDIRECTS = 5;
/** Well above every archive in ./versions.ts; what is longer is none of them. */
const MAX_BYTES = 512 * 1024 * 1024;

export interface ArchiveRecipe {
  site: keyof DownloadSites;
  archive: ArchivePin;
  /** The program's file name in the archive, without `.exe`. */
  name: string;
  program: (file: string) => Program;
  executableSha256?: string | undefined;
  /** The oldest GNU C library that the program starts with. */
  glibc?: { major: number; minor: number } | undefined;
}

/** An archive (tar.gz) with the program somewhere inside, of which nothing but the program is kept. */
export function archive(recipe: ArchiveRecipe): Installer {
  const { site, program, executableSha256, glibc } = recipe;
  const name = process.platform === 'win32' ? `${recipe.name}.exe` : recipe.name;
  const { path, sha256 } = recipe.archive;
  return {
    source: 'download',
    pin: `${path} sha256:${sha256}`,
    ...(executableSha256 !== undefined && { executableSha256 }),
    describe: (sites) => `official download (${sites[site]})`,
    async install(folder, { env, sites }) {
      if (glibc !== undefined) await requireGlibc(glibc, env);
      await reach(sites[site]);
      const tar = await findOnPath(['tar'], env);
      if (tar === undefined) throw new Error('tar, which unpacks the download, is not on PATH');

      const packed = join(folder, 'archive');
      await download(`${sites[site]}${path}`, packed, sha256);
      const unpacked = join(folder, 'unpacked');
      await mkdir(unpacked);
      await runCommand(tar, ['-xf', packed, '-C', unpacked], { env, limitMs: UNPACK_LIMIT_MS });

      const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
      const found = files.find((entry) => entry.isFile() && entry.name === name);
      if (found === undefined) throw new Error(`the archive of ${sites[site]} holds no ${name}`);
      const file = join(folder, name);
      await rename(join(found.parentPath, found.name), file);
      await chmod(file, 0o755);
      await rm(unpacked, { recursive: true });
      await rm(packed);
    },
    program: (folder) => program(join(folder, name)),
  };
}

/** Throws where the site gives no answer at all in 3 s. Whatever it answers counts as reached. */
async function reach(site: string): Promise<void> {
  try {
    const answer = await fetch(site, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(REACH_LIMIT_MS),
    });
    await answer.body?.cancel();
  } catch (error) {
    throw new Error(`${site} cannot be reached: ${reasonOf(error)}`);
  }
}

/** Writes what the address holds to the file. Throws where that is anything but what has this SHA-256. */
async function download(url: string, file: string, sha256: string): Promise<void> {
  const answer = await follow(url, AbortSignal.timeout(DOWNLOAD_LIMIT_MS));
  if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    Readable.fromWeb(answer.body),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) throw new Error(`${url} is longer than ${MAX_BYTES} bytes`);
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  const got = hash.digest('hex');
  if (got !== sha256)
    throw new Error(`${url} has the SHA-256 ${got}, not the expected ${sha256}: it is not used`);
}

/** Only https: is followed, and no address of a redirect is repeated in an error: some of them carry a token. */
async function follow(url: string, signal: AbortSignal): Promise<Response> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await fetch(at, { redirect: 'manual', signal });
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status > 399 || location === null) return answer;
    await answer.body?.cancel();
    at = new URL(location, at);
    if (at.protocol !== 'https:')
      throw new Error(`${url} redirects to ${at.protocol}//${at.host}, which is not https: not followed`);
  }
  throw new Error(`${url} redirects more than ${MAX_REDIRECTS} times`);
}

async function requireGlibc(needed: { major: number; minor: number }, env: NodeJS.ProcessEnv): Promise<void> {
  const getconf = await findOnPath(['getconf'], env);
  const said =
    getconf === undefined
      ? ''
      : await runCommand(getconf, ['GNU_LIBC_VERSION'], { env, limitMs: GETCONF_LIMIT_MS }).catch(() => '');
  const [, major = 0, minor = 0] = (/^glibc (\d+)\.(\d+)/.exec(said) ?? []).map(Number);
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return;
  const here = major === 0 ? 'none of a known version is here' : `here it is ${major}.${minor}`;
  throw new Error(`it needs the GNU C library ${needed.major}.${needed.minor} or newer; ${here}`);
}

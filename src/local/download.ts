import { createWriteStream } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findOnPath, reasonOf, runCommand } from './command.js';
import type { Installer, Program } from './installer.js';
import type { DownloadSites } from './versions.js';

/** Where official sites cannot be reached, requests tend to hang rather than fail: hence a limit of its own. */
const REACH_LIMIT_MS = 3_000;
const DOWNLOAD_LIMIT_MS = 60_000;
const UNPACK_LIMIT_MS = 60_000;

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

/** An archive (tar.gz, zip on Windows) with the program somewhere inside. */
export function archive(
  site: keyof DownloadSites,
  path: string,
  pin: string,
  name: string,
  program: (file: string) => Program,
): Installer {
  return {
    source: 'download',
    pin,
    describe: (sites) => `official download (${sites[site]})`,
    async install(folder, { env, sites }) {
      await reach(sites[site]);
      const tar = await findOnPath(['tar'], env);
      if (tar === undefined) throw new Error('tar, which unpacks the download, is not on PATH');
      const packed = join(folder, 'archive');
      const answer = await fetch(`${sites[site]}${path}`, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
      if (!answer.ok || answer.body === null)
        throw new Error(`${sites[site]}${path} answered ${answer.status}`);
      await pipeline(Readable.fromWeb(answer.body), createWriteStream(packed));
      await runCommand(tar, ['-xf', packed, '-C', folder], { env, limitMs: UNPACK_LIMIT_MS });
      await rm(packed);
      const wanted = process.platform === 'win32' ? `${name}.exe` : name;
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const found = files.find((entry) => entry.isFile() && entry.name === wanted);
      if (found === undefined) throw new Error(`the archive of ${sites[site]} holds no ${wanted}`);
      const file = join(found.parentPath, found.name);
      await chmod(file, 0o755);
      return program(file);
    },
  };
}

/** Prints the path of the mongod it downloaded; its own process, so that the limit can end it. */
const FETCH_MONGOD = `
  const { MongoBinary } = require(process.argv[1]);
  const [downloadDir, version] = process.argv.slice(2);
  MongoBinary.getPath({ downloadDir, version }).then(
    (path) => process.stdout.write('\\n' + path),
    (error) => { process.stderr.write(error.message); process.exit(1); },
  );
`;

/** MongoDB's own server, by mongodb-memory-server-core, which knows the archive for each operating system. */
export function mongodDownload(version: string): Installer {
  return {
    source: 'download',
    pin: `mongod-${version}`,
    describe: (sites) => `official download (${sites.mongodb})`,
    async install(folder, { env, sites }) {
      await reach(sites.mongodb);
      const core = createRequire(import.meta.url).resolve('mongodb-memory-server-core');
      const printed = await runCommand(process.execPath, ['-e', FETCH_MONGOD, core, folder, version], {
        env: { ...env, MONGOMS_DOWNLOAD_MIRROR: sites.mongodb },
        limitMs: DOWNLOAD_LIMIT_MS,
      });
      const file = printed.trim().split('\n').at(-1) ?? '';
      return { kind: 'mongod', file, args: [], probeArgs: ['--version'] };
    },
  };
}

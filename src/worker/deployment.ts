import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WorkerDeploymentVersion } from '@temporalio/common';

/** A build of the worker, as Temporal's worker versioning knows it. */
export type Deployment = WorkerDeploymentVersion;

const PACKAGE = new URL('../../package.json', import.meta.url);

/**
 * What this build is called: the package's version, and of the workflows' code enough to tell two builds of one version
 * apart. Workers of the same build may work on each other's syncs.
 * @param taskQueue `luma-sync/<scope>` is a deployment of its own
 */
export function deploymentOf(taskQueue: string, workflowBundlePath: string): Deployment {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const code = createHash('sha256').update(readFileSync(workflowBundlePath)).digest('hex').slice(0, 8);
  // Temporal joins the two with a dot, and takes neither it nor a colon in the name.
  return { deploymentName: taskQueue.replaceAll(/[/.:]/g, '-'), buildId: `${version}-${code}` };
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { packageVersion } from '../version.js';

/** A build of the worker, as Temporal's worker versioning knows it. */
export type Deployment = WorkerDeploymentVersion;

/**
 * What this build is called: the package's version, and of the workflows' code enough to tell two builds of one version
 * apart. Workers of the same build may work on each other's syncs.
 * @param taskQueue `luma-sync/<scope>` is a deployment of its own
 */
export function deploymentOf(taskQueue: string, workflowBundlePath: string): Deployment {
  const code = createHash('sha256').update(readFileSync(workflowBundlePath)).digest('hex').slice(0, 8);
  // Temporal joins the two with a dot, and takes neither it nor a colon in the name.
  return { deploymentName: taskQueue.replaceAll(/[/.:]/g, '-'), buildId: `${packageVersion()}-${code}` };
}

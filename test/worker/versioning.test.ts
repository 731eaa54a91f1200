import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { deploymentOf } from '../../src/worker/deployment.js';
import { setCurrentCommand } from '../../src/worker/first-build.js';
import { useRig, useTemporal } from '../support/rig.js';
import { tempFolder } from '../support/temp-folder.js';

const rig = useRig();
const temporal = useTemporal();
const waiting = { timeout: 30_000, interval: 100 };
const bundle = inject('workflowBundlePath');

/** Another build of the same version: its code differs by a comment. */
async function anotherBuild(): Promise<string> {
  const path = join(await tempFolder(), `bundle-${randomUUID()}.js`);
  // At its beginning: the SDK reads the source map at the end of the file.
  await writeFile(path, `// another build\n${await readFile(bundle, 'utf8')}`);
  return path;
}

async function currentBuild(deploymentName: string): Promise<string | undefined> {
  const { workerDeploymentInfo } = await temporal.client.workflowService
    .describeWorkerDeployment({ namespace: 'default', deploymentName })
    .catch(() => ({ workerDeploymentInfo: null }));
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
}

async function startSync(taskQueue: string, orgId: string) {
  const workflowId = `luma-org-sync/${orgId}`;
  return await temporal.client.workflow.start('OrgSyncWorkflow', {
    taskQueue,
    workflowId,
    args: [{ orgId }],
  });
}

async function buildOf(workflowId: string): Promise<string | undefined> {
  const { raw } = await temporal.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

test(
  'a sync that runs stays on its build, new ones go to the build that is made current, and back',
  { timeout: 120_000 },
  async () => {
    const luma = await rig.startLuma({
      calendars: [
        { events: 3, faults: [{ kind: 'server-error', endpoint: 'list' }] },
        { events: 3 },
        { events: 3 },
      ],
    });
    const [slow, second, third] = [
      await rig.addOrganization(0),
      await rig.addOrganization(1),
      await rig.addOrganization(2),
    ];
    const taskQueue = `test-${randomUUID()}`;
    const workflowBundlePath = await anotherBuild();
    const old = deploymentOf(taskQueue, bundle);
    const fresh = deploymentOf(taskQueue, workflowBundlePath);
    expect(fresh.buildId).not.toBe(old.buildId);
    const { deploymentName } = old;

    // The first build needs no command: it makes itself current.
    await temporal.startWorker(rig.dependencies(), { taskQueue, versioning: true });
    await expect.poll(() => currentBuild(deploymentName), waiting).toBe(old.buildId);
    const running = await startSync(taskQueue, slow);
    await expect.poll(() => buildOf(running.workflowId), waiting).toBe(old.buildId);

    await temporal.startWorker(rig.dependencies(), { taskQueue, versioning: true, workflowBundlePath });
    const makeCurrent = async (buildId: string) =>
      await temporal.client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: 'default',
        deploymentName,
        buildId,
      });
    await expect
      .poll(
        () =>
          makeCurrent(fresh.buildId).then(
            () => true,
            () => false,
          ),
        waiting,
      )
      .toBe(true);
    await (await startSync(taskQueue, second)).result();
    expect(await buildOf(`luma-org-sync/${second}`)).toBe(fresh.buildId);

    luma.calendar(luma.calendars[0]?.id ?? '').clearFaults();
    expect(await running.result()).toMatchObject({ status: 'complete' });
    expect(await buildOf(running.workflowId)).toBe(old.buildId);

    await makeCurrent(old.buildId);
    await (await startSync(taskQueue, third)).result();
    expect(await buildOf(`luma-org-sync/${third}`)).toBe(old.buildId);
  },
);

test('without the setting a worker takes syncs at once, and Temporal shows its build', async () => {
  await rig.startLuma({ calendars: [{ events: 3 }] });
  const orgId = await rig.addOrganization();
  const { taskQueue } = await temporal.startWorker(rig.dependencies());
  const handle = await startSync(taskQueue, orgId);
  await handle.result();
  expect(JSON.stringify(await handle.fetchHistory())).toContain(deploymentOf(taskQueue, bundle).buildId);
});

test('a build is the package’s version and a digest of the workflows; its name holds no dot, slash or colon', () => {
  const { deploymentName, buildId } = deploymentOf('luma-sync/staging.eu', bundle);
  expect(deploymentName).toBe('luma-sync-staging-eu');
  expect(buildId).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{8}$/);
  expect(setCurrentCommand('default', { deploymentName, buildId })).toBe(
    `temporal worker deployment set-current-version --namespace default --deployment-name luma-sync-staging-eu --build-id ${buildId}`,
  );
});

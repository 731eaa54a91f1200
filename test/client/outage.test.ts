import { Client, Connection } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { defaultCacheDir } from '../../packages/playground/src/servers/index.js';
import { startTemporal } from '../../packages/playground/src/servers/temporal.js';
import { joinSync } from '../cli/support/join-sync.js';
import { ended, startCli } from '../cli/support/run.js';
import { startStandInWorker } from './support/worker.js';

it('a short outage of Temporal is told, and ends no command that waits', { timeout: 240_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'luma-sync-outage-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const options = { cacheDir: defaultCacheDir(), env: process.env, dataDir };
  let server = await startTemporal(options);
  onTestFinished(() => server.stop());
  const { address } = server;
  const child = startCli(['sync', '--org', 'slow'], { TEMPORAL_ADDRESS: address });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const end = ended(child);
  const said = (text: string) => expect.poll(() => stderr, { timeout: 60_000 }).toContain(text);
  await said('Sync started');
  const [watching, impatient] = await Promise.all([
    joinSync(['--org', 'slow', '--json'], { TEMPORAL_ADDRESS: address }),
    joinSync(['--org', 'slow', '--give-up-after', '2'], { TEMPORAL_ADDRESS: address }),
  ]);

  await server.stop();
  await said(`Temporal at ${address}: does not answer. Trying again`);
  const { code, stderr: told } = await impatient.end;
  expect({ code, told }).toEqual({
    code: 4,
    told: expect.stringMatching(
      /error: Temporal at .* has not answered for 2 s\. The sync goes on .*: luma-sync sync --org slow --watch\n$/,
    ) as string,
  });
  server = await startTemporal({ ...options, port: Number(address.split(':')[1]) });
  expect(server.address).toBe(address);
  const worker = await startStandInWorker({ address, namespace: 'default', connectionOptions: { address } });
  onTestFinished(() => worker.stop());
  await said('It goes on.');

  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  await new Client({ connection }).workflow.getHandle('luma-org-sync/slow').signal('release');
  expect(await end).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Sync of slow complete') as string,
  });
  expect(stderr.match(/does not answer/g)).toHaveLength(1);

  const { code: watched, stdout } = await watching.end;
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; away?: object });
  expect(watched).toBe(0);
  expect(lines.some(({ kind, away }) => kind === 'progress' && away !== undefined)).toBe(true);
  expect(lines.at(-1)).toMatchObject({ kind: 'result', status: 'complete', orgId: 'slow' });
});

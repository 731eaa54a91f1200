/**
 * `npm run bench`: the same job by the script of the original plan, by the fastest plain script, and by luma-sync, on
 * servers that this starts.
 */
import { parseArgs } from 'node:util';
import { defaultCacheDir, startLocalServers } from '../src/local/index.js';
import { compare, type Comparison } from './compare.js';
import { WORKLOADS } from './workloads.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    'without-plan': { type: 'boolean', default: false },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const servers = await startLocalServers({ cacheDir: defaultCacheDir(), env: process.env, onProgress: say });
try {
  const comparisons: Comparison[] = [];
  for (const workload of WORKLOADS) {
    if (values.only !== undefined && !workload.name.startsWith(values.only)) continue;
    say(workload.name);
    const options = { rounds: Number(values.rounds), withPlan: !values['without-plan'], say };
    comparisons.push(await compare(servers, workload, options));
  }
  process.stdout.write(`${JSON.stringify(comparisons, null, 1)}\n`);
} finally {
  await servers.stop();
}

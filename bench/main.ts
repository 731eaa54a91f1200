/**
 * `npm run bench`: the same job by the script of the original plan, by the fastest plain script, and by luma-sync, on
 * servers that this starts. Prints tables, and writes docs/bench.md with its plot where all of it ran.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compare, type Comparison } from './compare.js';
import { importUnderLimit } from './limit.js';
import { barsOf } from './plot.js';
import { pageOf, tablesOf } from './report.js';
import { measureScale } from './scale.js';
import { withServers } from './servers.js';
import { WORKLOADS } from './workloads.js';

const HELP = `Usage: npm run bench -- [options]

  --rounds N      rounds of each workload (default 3)
  --only PART     workloads whose name begins so, and nothing else; writes no page
  --without-plan  leaves out the original plan, which takes a minute
  --scale         50 to 2,000 organizations and one calendar of 20,000 events instead; writes docs/scale-measured.md
  --sizes A,B     numbers of organizations for --scale (default 50,200,500,1000,2000)
  --profile DIR   writes CPU profiles of the workers there
  --json          figures as JSON instead of tables
  --help

Takes about 20 minutes; --scale about as long.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    'without-plan': { type: 'boolean', default: false },
    scale: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '50,200,500,1000,2000' },
    profile: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const docs = (file: string) => new URL(`../docs/${file}`, import.meta.url);

if (values.help) process.stdout.write(HELP);
else if (values.scale) await scale();
else await bench();

async function scale(): Promise<void> {
  const { page, plots, figures } = await measureScale(values.sizes.split(',').map(Number), say);
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 1)}\n` : page);
  for (const [file, svg] of Object.entries(plots)) await writeFile(docs(file), svg);
  await writeFile(docs('scale-measured.md'), page);
}

async function bench(): Promise<void> {
  const rounds = Number(values.rounds);
  const comparisons: Comparison[] = [];
  for (const workload of WORKLOADS) {
    if (values.only !== undefined && !workload.name.startsWith(values.only)) continue;
    say(workload.name);
    // With more organizations it only takes longer: a second for each.
    const withPlan = !values['without-plan'] && workload === WORKLOADS[0];
    const options = { rounds, withPlan, profileTo: values.profile, say };
    comparisons.push(await compare(workload, options));
  }
  if (values.only === undefined) say('import with details under the limit');
  const limit = values.only === undefined ? await withServers(importUnderLimit) : null;
  const tables = tablesOf(comparisons, limit);
  process.stdout.write(values.json ? `${JSON.stringify({ comparisons, limit }, null, 1)}\n` : `${tables}\n`);
  if (values.only !== undefined || values['without-plan']) return;
  const groups = comparisons.map(({ workload, jobs: { unchanged } }) => ({
    name: workload.name,
    bars: [
      { label: 'plain script', ms: unchanged.plainMs },
      { label: 'luma-sync', ms: unchanged.productMs },
    ],
  }));
  await writeFile(docs('bench.svg'), barsOf('A sync in which nothing has changed', groups));
  await writeFile(docs('bench.md'), pageOf(tables, rounds));
}

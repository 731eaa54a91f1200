import { randomUUID } from 'node:crypto';
import type { LocalServers } from '../packages/playground/src/servers/index.js';
import { type Luma, startLuma } from './luma.js';
import { countMongo, type MongoCounts } from './mongo-counter.js';
import { type Product, startProduct, type SyncFigures } from './product.js';
import { runScript } from './programs.js';
import { median } from './median.js';
import { withServers } from './servers.js';
import type { TemporalCounts } from './temporal-counts.js';
import { CHANGED_ONE_IN, EVENTS_A_PAGE, type Workload } from './workloads.js';

/** Everything is new, nothing is, and one event in a thousand is. */
export const JOBS = ['first', 'unchanged', 'changed'] as const;
export type Job = (typeof JOBS)[number];

export interface JobFigures {
  plainMs: number;
  productMs: number;
  /** CPU time of the worker and of the servers, ms; medians. */
  cpu: SyncFigures['cpu'];
  plainMongo: MongoCounts;
  mongo: MongoCounts;
  temporal: TemporalCounts;
}

export interface Comparison {
  workload: Workload;
  jobs: Record<Job, JobFigures>;
  /** The script of the original plan; `null` where it was left out. */
  planMs: number | null;
  /** The worker's largest resident memory, MB. */
  memoryMb: number;
}

export interface CompareOptions {
  rounds: number;
  withPlan: boolean;
  /** A folder for CPU profiles of the workers; empty: none. */
  profileTo: string;
  say: (line: string) => void;
}

/**
 * Runs one workload: in each round the plain script and luma-sync take turns, job by job. Counts are of a round of its
 * own before, through a proxy, whose times are not used.
 */
export async function compare(
  workload: Workload,
  { rounds, withPlan, profileTo, say }: CompareOptions,
): Promise<Comparison> {
  const { organizations, pages, latencyMs } = workload;
  const luma = await startLuma({
    ...{ calendars: organizations, eventsPerCalendar: pages * EVENTS_A_PAGE, maxPageSize: EVENTS_A_PAGE },
    // Descriptions are in the list and the limit is out of reach: the job is pages and nothing else.
    ...{ latencyMs, listDescriptions: true, limit: 1_000_000 },
  });
  try {
    const counts = await withServers((servers) => countedRound(servers, luma));
    const plainMs = byJob<number>();
    const products = byJob<SyncFigures>();
    const planMs = withPlan ? await withServers((servers) => planned(servers, luma)) : null;
    let memoryMb = 0;
    for (let round = 1; round <= rounds; round++) {
      const turns: Turns = {
        async plain(job, run) {
          plainMs[job].push(await run());
        },
        async product(job, run, product) {
          products[job].push(await run());
          memoryMb = Math.max(memoryMb, ...product.memory().map(({ most }) => most));
        },
      };
      await withServers((servers) =>
        roundOf(servers, luma, { mongoUri: servers.mongo.uri, profileTo }, turns),
      );
      const line = JOBS.map(
        (job) => `${job} ${whole(plainMs[job].at(-1))} and ${whole(products[job].at(-1)?.ms)} ms`,
      );
      say(`  round ${round}, plain script and luma-sync: ${line.join(', ')}`);
    }
    const figures = (job: Job): JobFigures => ({
      plainMs: median(plainMs[job]),
      productMs: median(products[job].map(({ ms }) => ms)),
      cpu: {
        workers: median(products[job].map(({ cpu }) => cpu.workers)),
        temporal: median(products[job].map(({ cpu }) => cpu.temporal)),
        mongo: median(products[job].map(({ cpu }) => cpu.mongo)),
      },
      ...counts[job],
    });
    const jobs = { first: figures('first'), unchanged: figures('unchanged'), changed: figures('changed') };
    return { workload, jobs, planMs, memoryMb };
  } finally {
    await luma.stop();
  }
}

interface Turns {
  plain(job: Job, run: () => Promise<number>): Promise<void>;
  product(job: Job, run: () => Promise<SyncFigures>, product: Product): Promise<void>;
}

async function roundOf(
  servers: LocalServers,
  luma: Luma,
  options: { mongoUri: string; profileTo?: string },
  turns: Turns,
): Promise<void> {
  const env = scriptEnv(luma, options.mongoUri);
  const product = await startProduct(servers, luma, options);
  try {
    for (const job of JOBS) {
      if (job === 'changed') await luma.change(CHANGED_ONE_IN);
      await turns.plain(job, () => script('plain-fast.ts', env));
      await turns.product(job, () => product.sync(), product);
    }
  } finally {
    await product.stop();
  }
}

type Counts = Record<Job, Pick<JobFigures, 'plainMongo' | 'mongo' | 'temporal'>>;

async function countedRound(servers: LocalServers, luma: Luma): Promise<Counts> {
  const counter = await countMongo(servers.mongo.uri);
  const plain = {} as Record<Job, MongoCounts>;
  const product = {} as Record<Job, Pick<JobFigures, 'mongo' | 'temporal'>>;
  try {
    await roundOf(
      servers,
      luma,
      { mongoUri: counter.uri },
      {
        async plain(job, run) {
          counter.take();
          await run();
          plain[job] = counter.take();
        },
        async product(job, run) {
          counter.take();
          const figures = await run();
          product[job] = { mongo: counter.take(), temporal: await figures.temporal() };
        },
      },
    );
  } finally {
    await counter.close();
  }
  const of = (job: Job) => ({ plainMongo: plain[job], ...product[job] });
  return { first: of('first'), unchanged: of('unchanged'), changed: of('changed') };
}

/** A database of its own, and so its first run: it writes every event every time, so that the second takes as long. */
async function planned(servers: LocalServers, luma: Luma): Promise<number> {
  return await script('original-plan.ts', scriptEnv(luma, servers.mongo.uri));
}

function scriptEnv(luma: Luma, mongoUri: string): Record<string, string> {
  return {
    ...{ BENCH_LUMA: luma.url, BENCH_MONGO: mongoUri, BENCH_DB: `bench_${randomUUID().replaceAll('-', '')}` },
    BENCH_KEYS: JSON.stringify(luma.calendars.map(({ key }) => key)),
  };
}

async function script(file: string, env: Record<string, string>): Promise<number> {
  const { ms } = (await runScript(new URL(`./${file}`, import.meta.url), env)) as { ms: number };
  return ms;
}

function byJob<T>(): Record<Job, T[]> {
  return { first: [], unchanged: [], changed: [] };
}

function whole(value = NaN): string {
  return String(Math.round(value));
}

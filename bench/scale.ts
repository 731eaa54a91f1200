import type { LocalServers } from '../packages/playground/src/servers/index.js';
import { startLuma } from './luma.js';
import { machine } from './machine.js';
import { linesOf } from './plot.js';
import { startProduct } from './product.js';
import { withServers } from './servers.js';

const WORKERS = [1, 2];
/** Small calendars, so that the number of organizations decides and not the events. */
const EVENTS = 10;
const LARGE = 20_000;
const LATENCY_MS = 50;

export interface ScaleFigures {
  organizations: number;
  eventsEach: number;
  workers: number;
  firstMs: number;
  unchangedMs: number;
  /** Resident memory of the largest worker after both syncs, and the most it had, MB. */
  memoryMb: { now: number; most: number };
}

/** SVG by file name. */
type ScalePlots = Record<'scale-time.svg' | 'scale-memory.svg', string>;

/** How time and memory grow with the number of organizations, and with one very large calendar. */
export async function measureScale(
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<{ page: string; plots: ScalePlots; figures: ScaleFigures[] }> {
  const figures: ScaleFigures[] = [];
  const measure = async (organizations: number, eventsEach: number, workers: number) => {
    const one = await withServers((servers) => measureOne(servers, { organizations, eventsEach, workers }));
    say(
      `${organizations} × ${eventsEach} events, ${workers} worker(s): first ${seconds(one.firstMs)}, unchanged ${seconds(one.unchangedMs)}, ${one.memoryMb.most} MB`,
    );
    figures.push(one);
  };
  for (const size of sizes) for (const workers of WORKERS) await measure(size, EVENTS, workers);
  await measure(1, LARGE, 1);

  return { page: pageOf(figures), plots: plotsOf(figures), figures };
}

/** One over the other in a page: how long a sync takes, and what a worker holds, by the number of organizations. */
function plotsOf(figures: readonly ScaleFigures[]): ScalePlots {
  const axis = 'organizations';
  const lines = (y: (one: ScaleFigures) => number) =>
    WORKERS.map((workers) => ({
      label: `${workers} worker${workers === 1 ? '' : 's'}`,
      points: figures
        .filter((one) => one.eventsEach === EVENTS && one.workers === workers)
        .map((one) => ({ x: one.organizations, y: y(one) })),
    }));
  const time = lines(({ unchangedMs }) => unchangedMs / 1_000);
  const memory = lines(({ memoryMb }) => memoryMb.most);
  return {
    'scale-time.svg': linesOf('A full sync without news', { x: axis, y: 'seconds' }, time),
    'scale-memory.svg': linesOf('Memory of a worker, at most', { x: axis, y: 'MB' }, memory),
  };
}

function pageOf(figures: readonly ScaleFigures[]): string {
  return `# Scale, measured

Printed by \`npm run bench -- --scale\`: organizations with ${EVENTS} events each, and one calendar of
${LARGE.toLocaleString('en')}. Luma takes ${LATENCY_MS} ms for a request. Servers, workers and the fake Luma share one machine:
${machine()}.

${tableOf(figures)}

![A full sync without news](scale-time.svg)
![Memory of a worker](scale-memory.svg)
`;
}

async function measureOne(
  servers: LocalServers,
  { organizations, eventsEach, workers }: Pick<ScaleFigures, 'organizations' | 'eventsEach' | 'workers'>,
): Promise<ScaleFigures> {
  const luma = await startLuma({
    ...{ calendars: organizations, eventsPerCalendar: eventsEach, maxPageSize: 100 },
    ...{ latencyMs: LATENCY_MS, listDescriptions: true, limit: 1_000_000 },
  });
  const product = await startProduct(servers, luma, { workers });
  try {
    const { ms: firstMs } = await product.sync();
    const { ms: unchangedMs } = await product.sync();
    const memory = product.memory();
    const memoryMb = {
      now: Math.max(...memory.map(({ now }) => now)),
      most: Math.max(...memory.map(({ most }) => most)),
    };
    return { organizations, eventsEach, workers, firstMs, unchangedMs, memoryMb };
  } finally {
    await product.stop();
    await luma.stop();
  }
}

function tableOf(figures: readonly ScaleFigures[]): string {
  return [
    '| organizations | events each | workers | first, s | unchanged, s | ms an organization | worker, MB | most, MB |',
    '|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...figures.map(
      ({ organizations, eventsEach, workers, firstMs, unchangedMs, memoryMb }) =>
        `| ${organizations.toLocaleString('en')} | ${eventsEach.toLocaleString('en')} | ${workers} | ${(firstMs / 1_000).toFixed(1)} | ${(unchangedMs / 1_000).toFixed(1)} | ${Math.round(unchangedMs / organizations)} | ${memoryMb.now} | ${memoryMb.most} |`,
    ),
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

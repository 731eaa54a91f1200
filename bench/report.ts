import { type Comparison, type Job, JOBS } from './compare.js';
import type { LimitFigures } from './limit.js';
import { machine } from './machine.js';
import { CHANGED_ONE_IN, EVENTS_A_PAGE } from './workloads.js';

/** Markdown tables: times and ratios, counts, the import under Luma's limit. */
export function tablesOf(comparisons: readonly Comparison[], limit: LimitFigures | null): string {
  return [
    timesTable(comparisons),
    countsTable(comparisons),
    ...(limit === null ? [] : [limitTable(limit)]),
  ].join('\n\n');
}

export function pageOf(tables: string, rounds: number): string {
  return `# Benchmark

Printed by \`npm run bench\`, which starts everything on one machine: a fake Luma, Temporal's development server, MongoDB,
and one worker. Times depend on the machine and on what else it does; the ratios and the counts are what matters.

- **Plain script**: \`bench/plain-fast.ts\`, the fastest script that we could write for the same job. It keeps none of the
  promises: no retries, no pauses, no removals, no sealed keys.
- **Original plan**: \`bench/original-plan.ts\`, the script that this project replaced: organizations one after the other,
  200 ms between pages, 1 s between organizations, every event written every time.
- **first**: nothing is stored yet. **unchanged**: nothing is new. **changed**: one event in ${CHANGED_ONE_IN.toLocaleString('en')} is.
  Pages hold ${EVENTS_A_PAGE} events. The milliseconds beside a workload are how long Luma takes for a request.

${tables}

![Unchanged syncs](bench.svg)

Medians of ${rounds} rounds. Each has servers of its own, on which the programs take turns; the original plan runs once,
for one workload. MongoDB's commands and bytes and
Temporal's events are counted in a round of their own. Actions are what Temporal Cloud would bill, heartbeats not among
them. Machine: ${machine()}.
`;
}

function timesTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ workload, jobs, planMs }) =>
    JOBS.map((job) => {
      const { plainMs, productMs } = jobs[job];
      const plan = job === 'unchanged' && planMs !== null ? planMs : null;
      return [
        ...[workload.name, job, ms(plainMs), ms(productMs), `**${ratio(productMs, plainMs)}**`],
        plan === null ? '' : `${ms(plan)} (${ratio(plan, productMs)} × luma-sync)`,
      ];
    }),
  );
  return table(['workload', 'job', 'plain script, ms', 'luma-sync, ms', 'ratio', 'original plan, ms'], rows);
}

function countsTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ workload, jobs, memoryMb }) =>
    JOBS.map((job: Job) => {
      const { mongo, plainMongo, temporal, cpu } = jobs[job];
      return [
        ...[workload.name, job],
        `${mongo.commands} (${plainMongo.commands})`,
        `${kB(mongo.bytes)} (${kB(plainMongo.bytes)})`,
        ...[String(temporal.historyEvents), String(temporal.actions)],
        ...[ms(cpu.workers), ms(cpu.temporal), ms(cpu.mongo), String(memoryMb)],
      ];
    }),
  );
  const head = [
    ...['workload', 'job', 'MongoDB commands (plain)', 'MongoDB kB (plain)'],
    ...[
      'Temporal events',
      'actions',
      'worker CPU, ms',
      'Temporal CPU, ms',
      'MongoDB CPU, ms',
      'worker, most MB',
    ],
  ];
  return table(head, rows);
}

function limitTable({ events, limit, ms: took, requests, refused, share }: LimitFigures): string {
  const head = ['import with details', 'limit', 'requests', 'refused (429)', 'took', 'share of the limit'];
  const seconds = `${Math.round(took / 1_000)} s`;
  return table(head, [
    [`${events} events`, `${limit} a minute`, String(requests), String(refused), seconds, percent(share)],
  ]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const ruler = head.map((_, nth) => (nth < 2 ? '---' : '---:'));
  return [line(head), line(ruler), ...rows.map(line)].join('\n');
}

function ms(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function kB(bytes: number): string {
  return Math.round(bytes / 1_000).toLocaleString('en');
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

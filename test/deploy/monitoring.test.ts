import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { alertNames, dashboardQueries, read } from './support/queries.js';

const run = promisify(execFile);
const hasPromtool = await run('promtool', ['--version']).then(
  () => true,
  () => false,
);
const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

describe('the alerts', () => {
  test('have a section each in docs/monitoring.md, and name it', () => {
    const rules = read('deploy/monitoring/alerts.yml');
    const headings = [...read('docs/monitoring.md').matchAll(/^### (LumaSync\w+)$/gm)].map(
      ([, name]) => name,
    );
    expect(alertNames()).toEqual(headings);
    const runbooks = [...rules.matchAll(/runbook: (\S+)$/gm)].map(([, link]) => link);
    expect(runbooks).toEqual(alertNames().map((name) => `docs/monitoring.md#${name.toLowerCase()}`));
  });

  test('are each tested firing and not firing', () => {
    const tests = read('test/deploy/alerts.promtool.yml');
    const checks = tests.split(/- eval_time: /).slice(1);
    for (const name of alertNames()) {
      const own = checks.filter((check) => check.includes(`alertname: ${name}\n`));
      expect(own.some((check) => check.includes('exp_alerts: []'))).toBe(true);
      expect(own.some((check) => check.includes('exp_labels'))).toBe(true);
    }
  });

  test.runIf(hasPromtool)('pass their tests', async () => {
    await run('promtool', ['test', 'rules', path('test/deploy/alerts.promtool.yml')]);
  });
});

describe('the dashboard', () => {
  test('has panels of different ids that do not overlap', () => {
    const { panels } = JSON.parse(read('deploy/monitoring/grafana-dashboard.json')) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  test.runIf(hasPromtool)('asks what Prometheus can read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'luma-sync-promtool-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const rules = dashboardQueries().map((expr, at) => ({
      record: `panel:query:${at}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    const file = join(folder, 'queries.json');
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    await run('promtool', ['check', 'rules', file]);
  });
});

test('the example of a Prometheus gives the workers the job that the alerts know', () => {
  expect(readFileSync(path('deploy/monitoring/prometheus.yml'), 'utf8')).toContain('job_name: luma-sync');
});

test.runIf(hasPromtool)('the example of a Prometheus can be used', async () => {
  await run('promtool', ['check', 'config', path('deploy/monitoring/prometheus.yml')]);
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { alertNames, read } from './support/queries.js';

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
});

test('the example of a Prometheus gives the workers the job that the alerts know', () => {
  expect(readFileSync(path('deploy/monitoring/prometheus.yml'), 'utf8')).toContain('job_name: luma-sync');
});

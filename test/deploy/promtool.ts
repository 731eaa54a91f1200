/**
 * `npm run monitoring`: what only Prometheus' own tool can say of deploy/monitoring. The alert rules do what
 * alerts.promtool.yml expects, and rules, example and the dashboard's queries can be read. Needs promtool (Debian: the
 * package prometheus).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboardQueries } from './support/queries.js';

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const promtool = (...args: string[]) => execFileSync('promtool', args, { stdio: 'inherit' });
const folder = mkdtempSync(join(tmpdir(), 'luma-sync-promtool-'));
try {
  promtool('test', 'rules', path('test/deploy/alerts.promtool.yml'));
  promtool('check', 'config', path('deploy/monitoring/prometheus.yml'));
  const rules = dashboardQueries().map((expr, at) => ({
    record: `panel:query:${at}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  const file = join(folder, 'queries.json');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  promtool('check', 'rules', file);
} catch (error) {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const why = isMissing ? 'promtool is not on PATH: install Prometheus' : 'promtool found faults';
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

// What only Prometheus' own tool can say of deploy/monitoring: the alert rules do what test/deploy/alerts.promtool.yml
// expects, and rules, example and the dashboard's queries can be read. Needs promtool (Debian: the package prometheus).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const promtool = (...args) => execFileSync('promtool', args, { stdio: 'inherit' });
const folder = mkdtempSync(join(tmpdir(), 'luma-sync-promtool-'));
try {
  promtool('test', 'rules', path('test/deploy/alerts.promtool.yml'));
  promtool('check', 'config', path('deploy/monitoring/prometheus.yml'));
  const { panels } = JSON.parse(readFileSync(path('deploy/monitoring/grafana-dashboard.json'), 'utf8'));
  const rules = panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map((expr, at) => ({
      record: `panel:query:${at}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
  const file = join(folder, 'queries.json');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  promtool('check', 'rules', file);
} catch (error) {
  const why =
    error.code === 'ENOENT' ? 'promtool is not on PATH: install Prometheus' : 'promtool found faults';
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

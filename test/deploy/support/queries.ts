import { readFileSync } from 'node:fs';

/** A file of the project, as text. */
export function read(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
}

export function alertNames(): string[] {
  return [...read('deploy/monitoring/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
}

/** What the panels of the dashboard ask, and its variables. */
export function dashboardQueries(): string[] {
  const { panels } = JSON.parse(read('deploy/monitoring/grafana-dashboard.json')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** The metrics that the alerts, their tests and the dashboard name, histograms as what they are called in `# TYPE`. */
export function metricsAskedFor(): string[] {
  const texts = [
    read('deploy/monitoring/alerts.yml').replace(/^\s*(summary|description|runbook):.*$/gm, ''),
    ...dashboardQueries(),
    [...read('test/deploy/alerts.promtool.yml').matchAll(/- series: '(.*)'$/gm)]
      .map(([, series]) => series)
      .join('\n'),
  ];
  const names = texts.join('\n').match(/\b(luma_sync|temporal|process|nodejs)_\w+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_bucket$/, '')))].sort();
}

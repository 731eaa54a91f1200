import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import type { Check } from '../../src/client/doctor/check.js';
import { diagnosisSummary, diagnosisText } from '../../src/cli/output/diagnosis.js';
import { toTerminal } from '../../src/cli/output/styles.js';

const CHECKS: Check[] = [
  { part: 'settings', name: 'environment', status: 'pass', message: 'every setting can be used' },
  {
    ...{ part: 'temporal', name: 'search attribute', status: 'fail', fixable: true },
    message: 'LumaOrgId is missing in namespace a-namespace-with-a-long-name: syncs would hang',
    ...{
      remedy: 'register it; a worker does so when it starts, where it may',
      command: 'luma-sync doctor --fix',
    },
  },
  {
    part: 'temporal',
    name: 'workers',
    status: 'warn',
    message: 'none of \u001b[2Jthem',
    remedy: 'start one',
  },
  {
    ...{ part: 'mongodb', name: 'server', status: 'fail', message: 'MongoDB does not answer' },
    ...{ remedy: 'check MONGODB_URI', notChecked: ['indexes', 'clock'] },
  },
];
const diagnosis = { status: 'fail' as const, checks: CHECKS };

const plain = (text: string) => toTerminal(text, { isTTY: false } as never);

test('at 80 columns statuses and names are aligned, texts wrap, and commands stand alone on a line', () => {
  const lines = plain(diagnosisText(diagnosis, 80)).split('\n');
  expect(lines).toEqual([
    'Settings',
    '  pass  environment       every setting can be used',
    '',
    'Temporal',
    '  fail  search attribute  LumaOrgId is missing in namespace',
    '                          a-namespace-with-a-long-name: syncs would hang',
    '                          → register it; a worker does so when it starts, where',
    '                          it may:',
    '        $ luma-sync doctor --fix',
    '  warn  workers           none of \\u001b[2Jthem',
    '                          → start one',
    '',
    'MongoDB',
    '  fail  server            MongoDB does not answer (so not checked: indexes,',
    '                          clock)',
    '                          → check MONGODB_URI',
  ]);
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
});

test('in a pipe each check is one line, with its remedy and command', () => {
  const lines = plain(diagnosisText(diagnosis)).split('\n');
  expect(lines.filter((line) => line.startsWith('  '))).toHaveLength(CHECKS.length);
  expect(lines).toContain(
    '  fail  search attribute  LumaOrgId is missing in namespace a-namespace-with-a-long-name: syncs would hang – register it; a worker does so when it starts, where it may: luma-sync doctor --fix',
  );
});

test('the summary counts, and names what --fix would mend', () => {
  expect(diagnosisSummary(diagnosis)).toBe(
    '1 check passed, 1 warning, 2 failed. 1 can be mended with: luma-sync doctor --fix',
  );
});

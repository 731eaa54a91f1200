import stringWidth from 'string-width';
import type { Check, Part } from '../../client/doctor/check.js';
import type { Diagnosis } from '../../client/doctor/diagnose.js';
import { bold, red } from './styles.js';
import { count, oneLine } from './text.js';
import { wrap } from './wrap.js';

const TITLES: Record<Part, string> = {
  settings: 'Settings',
  program: 'This program',
  temporal: 'Temporal',
  mongodb: 'MongoDB',
  keyring: 'Key ring',
  luma: 'Luma',
  webhooks: 'Webhooks',
};

const INDENT = 2;
const STATUS_WIDTH = 6;

/**
 * The checks for people, part by part: status, name, what was found; below, what to do. Commands stand alone on a line
 * that is never broken, so that they can be copied.
 * @param width columns of the terminal; without it (a file, a pipe) a check is one line
 */
export function diagnosisText({ checks }: Diagnosis, width?: number): string {
  const nameWidth = Math.max(...checks.map(({ name }) => stringWidth(oneLine(name)))) + 2;
  const parts = [...new Set(checks.map(({ part }) => part))];
  return parts
    .map((part) => {
      const lines = checks
        .filter((check) => check.part === part)
        .flatMap((check) => checkLines(check, nameWidth, width));
      return [width === undefined ? TITLES[part] : bold(TITLES[part]), ...lines].join('\n');
    })
    .join('\n\n');
}

function checkLines(check: Check, nameWidth: number, width: number | undefined): string[] {
  const { name, status, remedy, command } = check;
  const label = oneLine(name);
  const head = `${' '.repeat(INDENT)}${styled(status)}${' '.repeat(STATUS_WIDTH - status.length)}${label}${' '.repeat(nameWidth - stringWidth(label))}`;
  const found = oneLine(foundIn(check));
  const what = remedy === undefined ? undefined : oneLine(remedy);
  const run = command === undefined ? undefined : oneLine(command);
  if (width === undefined) {
    return [`${head}${found}${what === undefined ? '' : ` – ${what}`}${run === undefined ? '' : `: ${run}`}`];
  }
  const at = INDENT + STATUS_WIDTH + nameWidth;
  const room = Math.max(20, width - at);
  const indented = (lines: string[]) => lines.map((line) => `${' '.repeat(at)}${line}`);
  const [first = '', ...more] = wrap(found, room);
  return [
    `${head}${first}`,
    ...indented(more),
    ...(what === undefined ? [] : indented(wrap(`→ ${what}${run === undefined ? '' : ':'}`, room))),
    ...(run === undefined ? [] : [`${' '.repeat(INDENT + STATUS_WIDTH)}$ ${run}`]),
  ];
}

function foundIn({ message, notChecked }: Check): string {
  return notChecked === undefined ? message : `${message} (so not checked: ${notChecked.join(', ')})`;
}

/** What is wrong stands out. */
function styled(status: Check['status']): string {
  if (status === 'pass') return status;
  return status === 'fail' ? red(status) : bold(status);
}

/** One line about all of them. */
export function diagnosisSummary({ checks }: Diagnosis): string {
  const number = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const [failed, warned, passed] = [number('fail'), number('warn'), number('pass')];
  const fixable = checks.filter((check) => check.fixable === true).length;
  const fixed = checks.filter((check) => check.fixed === true).length;
  return [
    `${count(passed, 'check')} passed, ${count(warned, 'warning')}, ${failed} failed.`,
    ...(fixed > 0 ? [`${fixed} mended just now.`] : []),
    ...(fixable > 0 ? [`${fixable} can be mended with: luma-sync doctor --fix`] : []),
  ].join(' ');
}

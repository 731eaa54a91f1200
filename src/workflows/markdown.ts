import { escapeControls, shortened } from '../printable.js';

/** Text for Temporal's UI, which shows Markdown: as it is, in one line, not longer than `most` characters. */
export function plain(text: string, most: number): string {
  return escapeControls(shortened(text, most)).replace(/[\\`*[\]<>|~]/g, String.raw`\$&`);
}

/** A name, in the letters of a typewriter. */
export function code(name: string, most: number): string {
  return /[`|\\]/.test(name) ? plain(name, most) : `\`${escapeControls(shortened(name, most))}\``;
}

/** A table's head and its rule. */
export function tableHead(...titles: string[]): string {
  return `${row(...titles)}\n${row(...titles.map(() => '---'))}`;
}

export function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The time of day of an instant, in UTC: a sync is looked at on the day it runs. */
export function timeOfDay(instant: string): string {
  return `${instant.slice(11, 19)} UTC`;
}

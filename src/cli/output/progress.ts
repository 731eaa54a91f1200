import type { Writable } from 'node:stream';
import type { FullSyncProgress, OrgSyncProgress } from '../../workflows/contract.js';
import { escapeControls } from '../../printable.js';
import { eventsInWords } from './report.js';
import { toTerminal } from './styles.js';
import { duration, fit, oneLine } from './text.js';

/** Where progress goes: stderr, or what a test gives. */
export type ProgressStream = Writable & { isTTY?: boolean; columns?: number };

export interface ProgressView {
  /** Lines are rewritten in place. */
  readonly live: boolean;
  show: (lines: readonly string[]) => void;
  /** Writes a text that stays, above the live lines. */
  say: (text: string) => void;
  /** Ends the view; what was shown last stays. */
  end: () => void;
}

/**
 * Live lines: rewritten in place on a terminal; elsewhere, such as in a log, every change is printed once, below
 * the one before.
 */
export function progressView(stream: ProgressStream): ProgressView {
  const live = stream.isTTY === true;
  let shown: readonly string[] = [];
  const takeBack = () => `${shown.length > 0 ? `\u001b[${shown.length}A` : ''}\u001b[0J`;
  // Cut to the terminal: a line that wraps could not be taken back.
  const drawn = (lines: readonly string[]) =>
    lines.map((line) => `${fit(line, (stream.columns ?? 80) - 1)}\n`).join('');
  return {
    live,
    show(unsafe) {
      const lines = unsafe.map((line) => escapeControls(line));
      if (lines.join('\n') === shown.join('\n')) return;
      if (live) {
        stream.write(`${takeBack()}${drawn(lines)}`);
      } else {
        stream.write(
          lines
            .filter((line) => !shown.includes(line))
            .map((line) => `${line}\n`)
            .join(''),
        );
      }
      shown = lines;
    },
    say(text) {
      const line = `${toTerminal(text, stream)}\n`;
      stream.write(live ? `${takeBack()}${line}${drawn(shown)}` : line);
    },
    end() {
      shown = [];
    },
  };
}

const RUNNING_SHOWN = 5;

export function fullSyncLines({ orgs, events, requests, running }: FullSyncProgress): string[] {
  const done = orgs.completed + orgs.failed + orgs.alreadySyncing;
  const failed = orgs.failed > 0 ? ` (${orgs.failed} failed)` : '';
  const lines = [
    `organizations ${done} of ${orgs.total}${failed} · events ${eventsInWords(events)} · ${requests} requests`,
  ];
  if (running.length > 0) {
    const more = running.length > RUNNING_SHOWN ? ` and ${running.length - RUNNING_SHOWN} more` : '';
    lines.push(`syncing ${running.slice(0, RUNNING_SHOWN).map(oneLine).join(', ')}${more}`);
  }
  return lines;
}

/** @param now for the time that is left of a pause; left out where lines stay, as in a log */
export function orgSyncLines(progress: OrgSyncProgress, now?: Date): string[] {
  const { phase, pages, events, requests, detailsAsked, detailsDue, pausedUntil, pauseReason, failure } =
    progress;
  const details = detailsDue > 0 ? ` · details ${detailsAsked} of ${detailsDue}` : '';
  const lines = [
    `${progress.dryRun ? 'dry run · ' : ''}${phase} · page ${pages} · events ${eventsInWords(events)}${details} · ${requests} requests`,
  ];
  if (pausedUntil !== undefined) {
    const leftMs = now === undefined ? 0 : Math.max(0, Date.parse(pausedUntil) - now.getTime());
    const left = leftMs > 0 ? `, ${duration(leftMs)} left` : '';
    lines.push(`paused until ${pausedUntil.slice(11, 19)} UTC${left}: ${pauseReason ?? 'Luma asks for it'}`);
  }
  if (failure !== undefined) lines.push(oneLine(`failed: ${failure.type}: ${failure.message}`));
  return lines;
}

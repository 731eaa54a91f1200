import type { Writable } from 'node:stream';
import stringWidth from 'string-width';
import { endedOf, type FullSyncProgress, type OrgSyncProgress } from '../../workflows/contract.js';
import { escapeControls } from '../../printable.js';
import { eventsInWords } from './report.js';
import { bold, red, toTerminal } from './styles.js';
import { count, duration, fit, joined, oneLine } from './text.js';

/** Where progress goes: stderr, or what a test gives. */
export type ProgressStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** A line of a live view. */
export interface Line {
  text: string;
  /** Where the terminal has it: `head` in bold, `bad` in red. */
  tone?: 'head' | 'bad' | undefined;
}

export interface ProgressView {
  /** Lines are rewritten in place. */
  readonly live: boolean;
  show: (lines: readonly (string | Line)[]) => void;
  /** Writes a text that stays, above the live lines. */
  say: (text: string) => void;
  /** Ends the view; what was shown last stays. */
  end: () => void;
}

const TONES = { head: bold, bad: red };

/**
 * Live lines: rewritten in place on a terminal; elsewhere, such as in a log, every change is printed once, below
 * the one before.
 */
export function progressView(stream: ProgressStream): ProgressView {
  const live = stream.isTTY === true;
  const columns = () => stream.columns ?? 80;
  let shown: readonly Line[] = [];
  /** Widths of the lines as they were written. */
  let written: number[] = [];

  /** A terminal that has become narrower shows a line that was written before as several. */
  const takeBack = () => {
    const rows = written.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns())), 0);
    return `${rows > 0 ? `\u001b[${rows}A` : ''}\u001b[0J`;
  };
  // Cut to the terminal: a line that wraps or scrolls away could not be taken back.
  function drawn(lines: readonly Line[]): string {
    const cut = lines
      .slice(0, Math.max(1, (stream.rows ?? Infinity) - 1))
      .map(({ text, tone }) => ({ text: fit(text, columns() - 1), tone }));
    written = cut.map(({ text }) => stringWidth(text));
    return cut
      .map(({ text, tone }) => `${toTerminal(tone === undefined ? text : TONES[tone](text), stream)}\n`)
      .join('');
  }

  return {
    live,
    show(unsafe) {
      const lines = unsafe.map((line): Line => {
        const { text, tone } = typeof line === 'string' ? { text: line } : line;
        return { text: escapeControls(text), tone };
      });
      if (live) {
        const before = takeBack();
        if (JSON.stringify(lines) === JSON.stringify(shown)) return;
        stream.write(`${before}${drawn(lines)}`);
      } else {
        const told = new Set(shown.map(({ text }) => text));
        const news = lines.filter(({ text }) => !told.has(text)).map(({ text }) => `${text}\n`);
        if (news.length > 0) stream.write(news.join(''));
      }
      shown = lines;
    },
    say(text) {
      const line = `${toTerminal(text, stream)}\n`;
      if (!live) {
        stream.write(line);
        return;
      }
      const before = takeBack();
      stream.write(`${before}${line}${drawn(shown)}`);
    },
    end() {
      shown = [];
      written = [];
    },
  };
}

const RUNNING_SHOWN = 5;

export function fullSyncLines(progress: FullSyncProgress): string[] {
  const { orgs, running } = progress;
  const failed = orgs.failed > 0 ? ` (${orgs.failed} failed)` : '';
  const lines = [
    joined([
      `organizations ${endedOf(progress)} of ${orgs.total}${failed}`,
      eventsSoFar(progress),
      requestsSoFar(progress),
    ]),
  ];
  if (running.length > 0) {
    const more = running.length > RUNNING_SHOWN ? ` and ${running.length - RUNNING_SHOWN} more` : '';
    lines.push(`syncing ${running.slice(0, RUNNING_SHOWN).map(oneLine).join(', ')}${more}`);
  }
  return lines;
}

/** @param now for the time that is left of a pause; left out where lines stay, as in a log */
export function orgSyncLines(progress: OrgSyncProgress, now?: Date): string[] {
  const { phase, pages, detailsAsked, detailsDue, pausedUntil, pauseReason, failure } = progress;
  const lines = [
    joined([
      ...[progress.dryRun ? 'dry run' : '', phase, pages > 0 ? `page ${pages}` : '', eventsSoFar(progress)],
      ...[detailsDue > 0 ? `details ${detailsAsked} of ${detailsDue}` : '', requestsSoFar(progress)],
    ]),
  ];
  if (pausedUntil !== undefined) {
    const leftMs = now === undefined ? 0 : Math.max(0, Date.parse(pausedUntil) - now.getTime());
    const left = leftMs > 0 ? `, ${duration(leftMs)} left` : '';
    lines.push(`paused until ${pausedUntil.slice(11, 19)} UTC${left}: ${pauseReason ?? 'Luma asks for it'}`);
  }
  if (failure !== undefined) lines.push(oneLine(`failed: ${failure.type}: ${failure.message}`));
  return lines;
}

/** Nothing before any is seen, unless that is how it ends. */
function eventsSoFar({
  events,
  phase,
  failure,
}: Pick<OrgSyncProgress, 'events' | 'failure'> & { phase: string }): string {
  const isTold = events.seen > 0 || (phase === 'done' && failure === undefined);
  return isTold ? `events ${eventsInWords(events)}` : '';
}

function requestsSoFar({ requests }: Pick<OrgSyncProgress, 'requests'>): string {
  return requests > 0 ? count(requests, 'request') : '';
}

/** From the bytes of a feed to its events. */
import { setImmediate as turn } from 'node:timers/promises';
import { filledString } from '../text.js';
import type { FeedEntry } from './properties.js';
import { readEvent } from './read-event.js';
import { unfold } from './unfold.js';

export interface FeedContents {
  /** The calendar's name, where the feed has it. */
  name?: string;
  entries: FeedEntry[];
}

/** Why a body is no feed. `cut-off`: it may be the beginning of one. */
export type FeedProblem =
  'no iCalendar' | 'cut-off' | 'components that do not end' | 'too many events' | 'too many lines';

const MAX_EVENTS = 50_000;
const MAX_LINES = 1_000_000;
/** Bytes at either end that tell whether the body is a whole feed. */
const EDGE = 200;
/** A calendar, an event, a reminder of it. */
const MAX_DEPTH = 5;
/** Lines that are read before other work has its turn. */
const LINES_A_TURN = 5_000;
const NAME = /^(?:X-WR-CALNAME|NAME)(?:;[^:]*)?:(.{1,500})/i;

/** Takes time in proportion to the size, and lets other work have its turn meanwhile. */
export async function readFeed(body: Buffer): Promise<FeedContents | FeedProblem> {
  const bytes = unfold(withoutMark(body));
  if (!/^\s*BEGIN:VCALENDAR\s/i.test(bytes.toString('latin1', 0, EDGE))) return 'no iCalendar';
  if (!/\nEND:VCALENDAR\s*$/i.test(bytes.subarray(-EDGE).toString('latin1'))) return 'cut-off';
  const feed: FeedContents = { entries: [] };
  const open: string[] = [];
  let event: Buffer[] = [];
  let isEnded = false;
  let lines = 0;
  for (const line of linesOf(bytes)) {
    lines += 1;
    if (lines > MAX_LINES) return 'too many lines';
    if (lines % LINES_A_TURN === 0) await turn();
    const [, word, component = ''] = boundary(line) ?? [];
    if (isEnded || (open.length === 0 && word !== 'BEGIN')) return 'no iCalendar';
    if (word === 'BEGIN') {
      if (open.length >= MAX_DEPTH) return 'components that do not end';
      open.push(component);
      if (open.length === 2) event = [];
    } else if (word === 'END') {
      if (open.pop() !== component) return 'components that do not end';
      if (open.length === 1 && component === 'VEVENT') {
        if (feed.entries.length >= MAX_EVENTS) return 'too many events';
        feed.entries.push(readEvent(event));
      }
      isEnded = open.length === 0;
    } else if (open.length === 2) {
      if (open[1] === 'VEVENT') event.push(line);
    } else if (open.length === 1 && feed.name === undefined && line.length < 2_000) {
      const name = filledString(NAME.exec(line.toString('utf8'))?.[1]?.replace(/\\([\\;,])/g, '$1'));
      if (name !== undefined) feed.name = name;
    }
  }
  return isEnded ? feed : 'components that do not end';
}

const [LF, CR] = [0x0a, 0x0d];

/** Without their ends; empty ones are left out. */
function* linesOf(bytes: Buffer): Generator<Buffer, void, undefined> {
  let from = 0;
  while (from < bytes.length) {
    const at = bytes.indexOf(LF, from);
    const end = at === -1 ? bytes.length : at;
    const line = bytes.subarray(from, bytes[end - 1] === CR ? end - 1 : end);
    if (line.length > 0) yield line;
    from = end + 1;
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutMark(body: Buffer): Buffer {
  return body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? body.subarray(3) : body;
}

/** `BEGIN:VEVENT`, in any case. */
function boundary(line: Buffer): string[] | null {
  if (line.length > 60) return null;
  return /^(BEGIN|END):([A-Z-]+)\s*$/.exec(line.toString('latin1').toUpperCase());
}

import { type Html, markup } from './markup.js';

/** `3 events`, `1 event`. */
export function plural(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : nouns}`;
}

/** How long ago, roughly: `just now`, `5 minutes ago`, `3 days ago`. */
export function ago(date: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - date.getTime()) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${plural(minutes, 'minute')} ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${plural(hours, 'hour')} ago` : `${plural(Math.floor(hours / 24), 'day')} ago`;
}

const INSTANT = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' },
  ...{ hour: '2-digit', minute: '2-digit' },
});

/** `26 Nov 2026, 07:12 UTC` */
export function instant(date: Date): Html {
  return markup`<time datetime="${date.toISOString()}">${INSTANT.format(date)} UTC</time>`;
}

import { duration } from './text.js';

/** Time until an instant in whole seconds, for a line that is written anew each second: `34 s`, `1 min 4 s`. */
export function countdown(until: Date, now: Date): string {
  const seconds = Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

/** An estimate is no exacter than this: `~40 s`, `~4 min`, `~2 h 10 min`. */
export function about(until: Date, now: Date): string {
  const ms = Math.max(0, until.getTime() - now.getTime());
  if (ms < 10_000) return `~${Math.ceil(ms / 1000)} s`;
  if (ms < 90_000) return `~${Math.round(ms / 5_000) * 5} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `~${minutes} min`;
  return `~${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `07:04:30 UTC` */
export function clock(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'some time' : `${date.toISOString().slice(11, 19)} UTC`;
}

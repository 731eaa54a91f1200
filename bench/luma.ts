import type { CalendarSummary, FakeLumaOptions, FakeLumaStats } from '../packages/fake-luma/src/index.js';
import { startProgram } from './programs.js';

export interface Luma {
  url: string;
  calendars: readonly CalendarSummary[];
  /** Gives one in so many events another title. @returns how many */
  change(oneIn: number): Promise<number>;
  stats(): Promise<FakeLumaStats>;
  /** Every request so far, oldest first. */
  requests(): Promise<{ at: string; status: number | null }[]>;
  stop(): Promise<void>;
}

/** Starts a fake Luma in a process of its own. */
export async function startLuma(options: FakeLumaOptions): Promise<Luma> {
  const program = await startProgram(
    ['--import', 'tsx', new URL('./luma-process.ts', import.meta.url).pathname, JSON.stringify(options)],
    {},
    (line) => line.startsWith('{'),
  );
  const { url, calendars } = JSON.parse(program.line) as Pick<Luma, 'url' | 'calendars'>;
  let edition = 0;

  async function control<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(`${url}/_fake/${path}`, init);
    if (!response.ok) throw new Error(`the fake Luma answered ${response.status} to ${path}`);
    return (await response.json()) as T;
  }

  return {
    url,
    calendars,
    async change(oneIn) {
      edition++;
      let counter = 0;
      let changed = 0;
      for (const { id } of calendars) {
        for (const event of await control<{ id: string }[]>(`calendars/${id}/events`)) {
          if (counter++ % oneIn !== 0) continue;
          const body = JSON.stringify({ name: `Edition ${edition}` });
          await control(`calendars/${id}/events/${event.id}`, { method: 'PATCH', body });
          changed++;
        }
      }
      return changed;
    },
    stats: () => control<FakeLumaStats>('stats'),
    requests: () => control<{ at: string; status: number | null }[]>('requests'),
    stop: () => program.stop(),
  };
}

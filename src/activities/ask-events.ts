import { LumaError, LumaForbidden, LumaNotFound, LumaRateLimited } from '../luma/errors.js';
import type { CalendarSource, Counted } from '../luma/calendar-source.js';
import type { MappedEntry } from '../luma/mapping.js';
import { pauseBeforeNext, reserveOf, type RateBudget } from '../luma/rate-limit.js';

/** What Luma said about one event. */
export type EventAnswer =
  | { lumaEventId: string; kind: 'found'; mapped: MappedEntry }
  /** 404; `canceled` where Luma puts it so, otherwise it knows no such event. */
  | { lumaEventId: string; kind: 'not-found'; canceled: boolean }
  /** 403: the key's calendar does not manage it. */
  | { lumaEventId: string; kind: 'not-managed' };

export interface AskedEvents {
  answers: EventAnswer[];
  /** How long Luma asks to be left alone, ms; 0: go on. */
  pauseMs: number;
  /** Another error of Luma's, about this event, ended the asking; the answers are good. */
  failure: { lumaEventId: string; error: LumaError } | null;
  /** What the last answer said is left, for the next call. */
  budget: RateBudget | null;
}

/** One whose events can be asked for alone. */
export type AskableSource = CalendarSource & { getEvent: NonNullable<CalendarSource['getEvent']> };

export interface AskOptions {
  inFlight: number;
  signal: AbortSignal;
  counted: Counted;
  /** Asks for no more once this says so. */
  enough: () => boolean;
  /** What an earlier call's last answer said is left. */
  budget: RateBudget | null;
}

/**
 * Asks for events one request each, a few in flight, until all are answered, Luma's budget is nearly used, or an
 * error. The very first request goes alone: it tells how much budget there is.
 */
export async function askEvents(
  source: AskableSource,
  ids: readonly string[],
  options: AskOptions,
): Promise<AskedEvents> {
  const { inFlight, signal, counted, enough } = options;
  const asked: AskedEvents = { answers: [], pauseMs: 0, failure: null, budget: options.budget };
  let next = 0;
  let running = 0;

  async function askOne(lumaEventId: string): Promise<void> {
    try {
      const answer = await source.getEvent(lumaEventId, { signal, ...counted });
      heed(answer.budget);
      asked.answers.push({
        lumaEventId,
        kind: 'found',
        mapped: sameEvent(lumaEventId, source.entries.map(answer.value)),
      });
    } catch (error) {
      if (error instanceof LumaRateLimited) {
        asked.pauseMs = Math.max(asked.pauseMs, error.pauseMs);
      } else if (error instanceof LumaNotFound || error instanceof LumaForbidden) {
        if (error.budget !== undefined) heed(error.budget);
        asked.answers.push(
          error instanceof LumaNotFound
            ? { lumaEventId, kind: 'not-found', canceled: error.canceled }
            : { lumaEventId, kind: 'not-managed' },
        );
      } else {
        throw error;
      }
    }
  }

  function heed(said: RateBudget): void {
    asked.budget = said;
    asked.pauseMs = Math.max(asked.pauseMs, pauseBeforeNext(said));
  }

  function mayAsk(): boolean {
    if (next >= ids.length || asked.pauseMs > 0 || asked.failure !== null || enough()) return false;
    const { budget } = asked;
    if (running === 0) return true;
    if (budget === null || running >= inFlight) return false;
    const { remaining } = budget;
    return remaining === undefined || remaining - running > reserveOf(budget);
  }

  await new Promise<void>((resolve, reject) => {
    const pump = () => {
      while (mayAsk()) {
        const id = ids[next++];
        if (id === undefined) break;
        running++;
        askOne(id)
          .catch((error: unknown) => {
            if (error instanceof LumaError) asked.failure ??= { lumaEventId: id, error };
            else reject(error instanceof Error ? error : new Error('not an error'));
          })
          .finally(() => {
            running--;
            pump();
          });
      }
      if (running === 0) resolve();
    };
    pump();
  });
  return asked;
}

/** An answer about another event than was asked for says nothing about either. */
function sameEvent(lumaEventId: string, mapped: MappedEntry): MappedEntry {
  if ('quarantined' in mapped) {
    return { quarantined: { ...mapped.quarantined, lumaEventId } };
  }
  if (mapped.event.lumaEventId === lumaEventId) return mapped;
  return {
    quarantined: {
      lumaEventId,
      problems: [{ path: 'id', problem: 'another-event' }],
      values: { id: lumaEventId },
    },
  };
}

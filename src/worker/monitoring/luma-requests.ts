import { Counter, Histogram, type Registry } from 'prom-client';
import { LumaError, LumaUnavailable } from '../../luma/errors.js';
import type { LumaApi } from '../../luma/api.js';
import { TIMEOUT } from '../../luma/trouble.js';

/** Counts the requests of a Luma client, by what was asked and how it was answered. */
export function countedRequests(luma: LumaApi, registry: Registry): LumaApi {
  const requests = new Counter({
    name: 'luma_sync_luma_requests_total',
    help: "Requests to Luma, by endpoint and the answer's HTTP status; timeout and error: no whole answer came.",
    labelNames: ['endpoint', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'luma_sync_luma_request_duration_seconds',
    help: 'How long requests to Luma took, headers and body.',
    labelNames: ['endpoint'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers: [registry],
  });

  async function counted<T>(endpoint: string, ask: () => Promise<T>): Promise<T> {
    const end = durations.startTimer({ endpoint });
    const count = (status: string) => {
      requests.inc({ endpoint, status });
      end();
    };
    try {
      const answer = await ask();
      count('200');
      return answer;
    } catch (error) {
      const status = statusOf(error);
      if (status !== undefined) count(status);
      throw error;
    }
  }

  return {
    getCalendar: (...args) => counted('calendars/get', () => luma.getCalendar(...args)),
    listEvents: (...args) => counted('events/list', () => luma.listEvents(...args)),
    getEvent: (...args) => counted('events/get', () => luma.getEvent(...args)),
    feedAddress: (address) => luma.feedAddress(address),
    getFeed: (...args) => counted('ics/get', () => luma.getFeed(...args)),
  };
}

/** `undefined`: no request was made, or it was called off. */
function statusOf(error: unknown): string | undefined {
  if (!(error instanceof LumaError)) return undefined;
  if (error.status !== undefined) return String(error.status);
  if (error instanceof LumaUnavailable) return error.code === TIMEOUT ? 'timeout' : 'error';
  return undefined;
}

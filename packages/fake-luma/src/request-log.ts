/** One request to Luma's API, as it arrived. Never holds a header, so never a key. */
export interface LoggedRequest {
  method: string;
  /** As asked for, older prefixes included. */
  path: string;
  /** What looks like a key is masked. */
  query: Record<string, string[]>;
  /** Null when the key opens no calendar. */
  calendarId: string | null;
  /** Null until it is answered, and for ever when the connection was reset. */
  status: number | null;
  at: Date;
}

export interface RequestCounts {
  requests: number;
  byStatus: Record<string, number>;
  /** By path. */
  byPath: Record<string, number>;
  /** How often the calendar was shut out. */
  blocks: number;
  /** Requests made while it was. */
  requestsDuringBlock: number;
}

/** The newest are kept when a server runs for weeks. */
const KEPT_REQUESTS = 20_000;

/** What was asked of the fake since it started, or since it was last cleared. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  /** The returned record is the log's own: its status is set when the answer goes out. */
  arrived(method: string, path: string, params: URLSearchParams, at: Date): LoggedRequest {
    const query: Record<string, string[]> = {};
    for (const name of new Set(params.keys()))
      query[name] = params.getAll(name).map((value) => mask(name, value));
    const request: LoggedRequest = { method, path, query, calendarId: null, status: null, at };
    this.#requests.push(request);
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.shift();
    return request;
  }

  /** Of one calendar (null: of none), or, without an argument, of all. */
  count(calendarId?: string | null): Omit<RequestCounts, 'blocks' | 'requestsDuringBlock'> {
    const counts = {
      requests: 0,
      byStatus: {} as Record<string, number>,
      byPath: {} as Record<string, number>,
    };
    for (const request of this.#requests) {
      if (calendarId !== undefined && request.calendarId !== calendarId) continue;
      counts.requests += 1;
      const status = request.status === null ? 'unanswered' : String(request.status);
      counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
      counts.byPath[request.path] = (counts.byPath[request.path] ?? 0) + 1;
    }
    return counts;
  }

  clear(): void {
    this.#requests = [];
  }
}

function mask(name: string, value: string): string {
  return /key|secret|token/i.test(name) || value.includes('secret-') ? '[masked]' : value;
}

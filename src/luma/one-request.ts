/** One exchange with Luma: headers and body have one time limit, and every failure becomes one of errors.ts. */
import { LumaError, LumaUnavailable } from './errors.js';
import { TIMEOUT, troubleCode } from './trouble.js';

export interface OneRequest {
  /** For errors. */
  endpoint: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What `beforeReading` threw: no trouble of Luma's. */
class CallerRefuses extends Error {
  constructor(readonly reason: unknown) {
    super('the caller refuses the answer');
  }
}

/** @throws a LumaError; the reason of `signal`, unchanged, once that is aborted; what a caller refuses with */
export async function oneRequest<T>(
  { endpoint, timeoutMs, signal }: OneRequest,
  exchange: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, timeoutMs);
  try {
    return await exchange(controller.signal);
  } catch (error) {
    signal?.throwIfAborted();
    const code = controller.signal.aborted ? TIMEOUT : troubleCode(error);
    // Gives up the connection of an answer that was not read to its end.
    controller.abort();
    if (error instanceof LumaError) throw error;
    if (error instanceof CallerRefuses) throw error.reason;
    throw new LumaUnavailable(endpoint, { code });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Asks the caller whether an answer that has arrived may be read. */
export async function askCaller(beforeReading: (() => Promise<void>) | undefined): Promise<void> {
  await beforeReading?.().catch((reason: unknown) => {
    throw new CallerRefuses(reason);
  });
}

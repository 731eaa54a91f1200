import { readBody, parseJson } from './body.js';
import { LumaError, LumaForbidden, LumaKeyRejected, LumaUnavailable } from './errors.js';
import { parseHttpDate } from './http-date.js';
import type { ProxySettings } from './proxy-settings.js';
import { needsBody, refusal } from './refusal.js';
import { createTransport } from './transport.js';
import { TIMEOUT, troubleCode } from './trouble.js';
import { userAgent } from './user-agent.js';

const ENDPOINT = '/v1/calendars/get';
const MAX_BODY_BYTES = 64 * 1024;

export interface ProbeOptions {
  /** In its one form: see base-url.ts. */
  baseUrl: string;
  proxies: ProxySettings | undefined;
  timeoutMs: number;
}

export interface ProbeAnswer {
  tookMs: number;
  /** How far Luma's clock is ahead of this machine's, as far as a header in whole seconds tells; `undefined`: no header. */
  aheadMs: number | undefined;
}

/**
 * Whether Luma answers, asked without any key: it refuses the request in its own form, and that is the answer.
 * @throws LumaUnavailable, LumaContractBroken
 */
export async function probeLuma({ baseUrl, proxies, timeoutMs }: ProbeOptions): Promise<ProbeAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const begun = performance.now();
  try {
    const transport = createTransport(baseUrl, proxies);
    const headers = { accept: 'application/json', 'user-agent': userAgent() };
    const response = await transport(`${baseUrl}${ENDPOINT}`, { headers, redirect: 'manual', signal });
    const tookMs = performance.now() - begun;
    const aheadMs = clockOf(response.headers, Date.now() - tookMs / 2);
    const { status } = response;
    const body = needsBody(status) ? parseJson(await readBody(response, MAX_BODY_BYTES)) : undefined;
    await response.body?.cancel().catch(() => undefined);
    // A proxy of one's own may add a key; a limit that is reached is Luma's word too.
    if (status !== 200 && status !== 429) {
      const refused = refusal({ endpoint: ENDPOINT, aboutOne: false, details: { status } }, body);
      if (!(refused instanceof LumaKeyRejected || refused instanceof LumaForbidden)) throw refused;
    }
    return { tookMs, aheadMs };
  } catch (error) {
    if (error instanceof LumaError) throw error;
    throw new LumaUnavailable(ENDPOINT, { code: signal.aborted ? TIMEOUT : troubleCode(error) });
  }
}

/** The header is cut to whole seconds: half of one is what it lacks on average. */
function clockOf(headers: Headers, nowMs: number): number | undefined {
  const date = parseHttpDate(headers.get('date')?.trim() ?? '', nowMs);
  return date === undefined ? undefined : date + 500 - nowMs;
}

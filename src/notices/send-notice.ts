import { createHmac } from 'node:crypto';
import type { ProxySettings } from '../luma/proxy-settings.js';
import { createTransport } from '../luma/transport.js';
import { TIMEOUT, troubleCode } from '../luma/trouble.js';
import type { Notice } from './notice.js';

export interface NoticeSettings {
  /** May hold a secret, as chat services' addresses do: no message names it. */
  url: string;
  /** `whsec_` and base64. */
  secret: string;
}

export type SendNotice = (notice: Notice, signal: AbortSignal) => Promise<void>;

/** Nobody took the notice. Says how, and never where. */
export class NoticeUndelivered extends Error {
  override readonly name = 'NoticeUndelivered';

  constructor(what: string) {
    super(`the notice was not taken (${what}) – see to it that LUMA_SYNC_NOTIFY_URL answers with 2xx`);
  }
}

const LIMIT_MS = 10_000;

/**
 * Posts notices as JSON, signed as Standard Webhooks (standardwebhooks.com) has it: `webhook-id`, `webhook-timestamp`,
 * `webhook-signature`. Any 2xx counts as taken; redirects are not followed.
 */
export function noticeSender(
  { url, secret }: NoticeSettings,
  { proxies, now = Date.now }: { proxies?: ProxySettings | undefined; now?: () => number } = {},
): SendNotice {
  const transport = createTransport(url, proxies);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return async ({ id, type, text, data }, signal) => {
    const at = now();
    const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), text, data });
    const timestamp = String(Math.floor(at / 1_000));
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    };
    const limit = AbortSignal.timeout(LIMIT_MS);
    const either = AbortSignal.any([signal, limit]);
    let status: number;
    try {
      const answer = await transport(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: either,
      });
      status = answer.status;
      await answer.body?.cancel();
    } catch (error) {
      signal.throwIfAborted();
      throw new NoticeUndelivered(limit.aborted ? TIMEOUT : (troubleCode(error) ?? 'no answer'));
    }
    if (status < 200 || status > 299) throw new NoticeUndelivered(`status ${status}`);
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultOf, FiredFaults } from './faults.js';

/** Sent as JSON, or as text of that type. */
export type Reply =
  { status: number; body: unknown } | { status: number; type: string; text: string | Buffer };

export interface Content {
  status: number;
  /** The `Content-Type`. */
  type: string;
  text: string | Buffer;
  /** Instead of the headers that Luma sends. */
  foreignHeaders?: Record<string, string>;
}

export const PAGE =
  '<!doctype html><html><head><title>Luma</title></head><body>One moment, please…</body></html>';

/**
 * What goes over the wire in place of the reply, after faults that belong to the way and not to Luma. Null: nothing, the
 * connection is reset.
 */
export function contentOf(reply: Reply, faults: FiredFaults): Content | null {
  const { status } = reply;
  if (faults.has('reset')) return null;
  const failing = faults.find('server-error')?.status ?? (faults.has('flaky') ? 503 : undefined);
  if (failing !== undefined) {
    return { status: failing, type: 'text/plain; charset=utf-8', text: 'upstream connect error' };
  }
  if (faults.has('html')) {
    return { status: 200, type: 'text/html; charset=utf-8', text: PAGE };
  }
  const gateway = faults.find('gateway');
  if (gateway !== undefined) return gatewayContent(gateway);
  if ('text' in reply) {
    return { ...reply, text: faults.has('malformed-json') ? 'BEGIN:NOTHING' : reply.text };
  }
  const json = JSON.stringify(reply.body);
  const text = faults.has('malformed-json') ? `${json.slice(0, -1)},,` : json;
  return { status, type: 'application/json; charset=utf-8', text };
}

/** The forms of well-known gateways: a message without Luma's `code`, a page, a redirect to one. */
function gatewayContent({ status, body }: FaultOf<'gateway'>): Content {
  const foreignHeaders: Record<string, string> = { server: 'gateway' };
  if (status < 400) foreignHeaders.location = 'https://login.example/';
  const texts = {
    json: ['application/json', JSON.stringify({ message: 'no Route matched with those values' })],
    html: ['text/html; charset=utf-8', PAGE],
    none: ['text/plain', ''],
  } as const;
  const [type, text] = texts[body];
  return { status, type, text, foreignHeaders };
}

/** Sends it whole or, for `cut`, the first half of what the head announces. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  content: Content,
  headers: Record<string, string>,
  cut: boolean,
): void {
  const { text } = content;
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  response.writeHead(content.status, {
    ...(content.foreignHeaders ?? headers),
    'content-type': content.type,
    'content-length': bytes.length,
  });
  if (cut) {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => request.socket.destroy());
  } else {
    response.end(bytes);
  }
}

import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedDelivery {
  /** The header `Webhook-Signature`. */
  signature: string | null;
  /** As it came, before anything was read from it. */
  body: Uint8Array;
  nowMs: number;
}

/** How far the time of a signature may be from now, either way. */
const TOLERANCE_S = 300;
/** Luma signs with two secrets for a while when one is replaced; more than a few are not looked at. */
const MAX_SIGNATURES = 8;
const MAX_HEADER = 2_000;

/**
 * Whether Luma has signed a delivery with this secret: `t=<unix seconds>,v1=<hex>[,v1=<hex>]`, each an HMAC-SHA256 over
 * `<t>.<raw body>` whose key is the secret as Luma gives it, `whsec_` included. Takes as long for a wrong signature as
 * for the right one.
 */
export function isSignedBy(secret: string, { signature, body, nowMs }: SignedDelivery): boolean {
  const { timestamp, signatures } = parse(signature ?? '');
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  let matches = false;
  for (const hex of signatures) {
    const given = Buffer.from(hex, 'hex');
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true;
  }
  const seconds = Number(timestamp);
  const isTimely = timestamp !== '' && Math.abs(nowMs / 1_000 - seconds) <= TOLERANCE_S;
  return matches && isTimely;
}

function parse(header: string): { timestamp: string; signatures: string[] } {
  const found = { timestamp: '', signatures: [] as string[] };
  if (header.length > MAX_HEADER) return found;
  for (const part of header.split(',')) {
    const [, name, value = ''] = /^\s*(t|v1)=([0-9A-Za-z]+)\s*$/.exec(part) ?? [];
    if (name === 't' && /^\d{1,12}$/.test(value)) found.timestamp = value;
    if (name === 'v1' && /^[0-9a-fA-F]{64}$/.test(value)) found.signatures.push(value);
  }
  return { ...found, signatures: found.signatures.slice(0, MAX_SIGNATURES) };
}

import { BodyTooLarge, readBody } from '../../luma/body.js';

/** Larger than any form of these pages. */
const MAX_BYTES = 256 * 1024;

/** What a form sent; `null`: it is no form, or too large. Reads no more than it may. */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) || request.body === null) return null;
  try {
    return new URLSearchParams((await readBody(request, MAX_BYTES)).toString('utf8'));
  } catch (error) {
    if (error instanceof BodyTooLarge) return null;
    throw error;
  }
}

/** Reading an answer's body with bounds. */
import { isUtf8 } from 'node:buffer';

/** The body is more than this project is willing to hold. The message says by what measure, in a few words. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Values in one body. A page of 100 events has some 10,000; a value can take a hundred times the memory of its bytes,
 * so that a bound on the bytes is not enough.
 */
const VALUE_LIMIT = 500_000;

/**
 * The whole body. The bound holds for the bytes after decompression and is checked while they arrive, whatever
 * `content-length` claims.
 * @throws BodyTooLarge; whatever the stream throws when it is cut off or aborted
 */
export async function readBody(response: Pick<Response, 'body'>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the stream, and with it the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyTooLarge(`a body over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * @returns `undefined` unless the bytes are UTF-8 and JSON, as Luma's answers are; JSON has no `undefined`.
 * @throws BodyTooLarge for more than half a million values, before any memory is spent on them
 */
export function parseJson(body: Buffer): unknown {
  // A value takes a byte or more.
  if (body.length > VALUE_LIMIT && holdsMoreValuesThan(VALUE_LIMIT, body))
    throw new BodyTooLarge(`a body over ${VALUE_LIMIT} values`);
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString('utf8').replace(/^\ufeff/, '')) as unknown;
  } catch {
    return undefined;
  }
}

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/** Outside of strings every value but the first comes after a comma or opens a list or an object. */
function holdsMoreValuesThan(limit: number, json: Uint8Array): boolean {
  let values = 1;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === COMMA || byte === BRACKET || byte === BRACE) {
      values += 1;
      if (values > limit) return true;
    }
  }
  return false;
}

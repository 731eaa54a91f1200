/** Reading an answer's body with a bound. */

/** The body is larger than the caller is willing to hold. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * The whole body. The bound holds for the bytes after decompression and is checked while they arrive, whatever
 * `content-length` claims.
 * @throws BodyTooLarge; whatever the stream throws when it is cut off or aborted
 */
export async function readBody(response: Pick<Response, 'body'>, maxBytes: number): Promise<Uint8Array> {
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

/** @returns `undefined` unless the bytes are UTF-8 and JSON, as Luma's answers are; JSON has no `undefined`. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * An absolute address, or `undefined` for what is none. Use it instead of `URL.canParse`, which on Node 20 begins to
 * answer `false` for correct addresses with letters such as é once it has been called some thousand times.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** @returns `undefined` also where it is neither http nor https */
export function parseWebUrl(text: string): URL | undefined {
  const url = parseUrl(text);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}

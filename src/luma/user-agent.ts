import { readFileSync } from 'node:fs';

let known: string | undefined;

/** `luma-sync/<version>`. Luma may answer 403 to a request without one. */
export function userAgent(): string {
  known ??= `luma-sync/${packageVersion()}`;
  return known;
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

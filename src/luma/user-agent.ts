import { packageVersion } from '../version.js';

let known: string | undefined;

/** `luma-sync/<version>`. Luma may answer 403 to a request without one. */
export function userAgent(): string {
  known ??= `luma-sync/${packageVersion()}`;
  return known;
}

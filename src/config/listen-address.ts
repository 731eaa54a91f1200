import { isIP } from 'node:net';

/** Where a server of this process listens. */
export interface ListenAddress {
  /** An IP address. */
  host: string;
  /** 0: any that is free. */
  port: number;
}

const LOOPBACK = '127.0.0.1';

/**
 * Reads `address:port`, with an IP address. A port alone is one of this machine only.
 * @returns `undefined` for anything else
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[?([0-9A-Fa-f:.]+?)\]?:|:)?(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, host = LOOPBACK, digits] = match;
  const port = Number(digits);
  return isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined;
}

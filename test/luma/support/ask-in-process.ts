import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Certificate } from './certificate.js';

/** A Luma with one calendar over TLS, until the test ends. @returns its port on 127.0.0.1 */
export async function tlsLuma(certificate: Certificate): Promise<number> {
  const server = createServer(certificate, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":"cal-1","name":"Club"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/**
 * Asks at each base URL in a process of its own that trusts these certificates: Node reads them at its start.
 * @returns the calendar's id, or what was thrown, of each
 */
export async function askInProcess(
  baseUrls: readonly string[],
  { trusted, env = {} }: { trusted: readonly Certificate[]; env?: Record<string, string> },
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'luma-sync-tls-'));
  try {
    const file = join(folder, 'ca.pem');
    await writeFile(file, trusted.map(({ cert }) => cert).join(''));
    const script = fileURLToPath(new URL('../fixtures/ask.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', script, JSON.stringify(baseUrls)],
      { env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: file, ...env }, timeout: 60_000 },
    );
    return JSON.parse(stdout) as string[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

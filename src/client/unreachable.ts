import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { TemporalSettings } from '../config.js';
import { TemporalUnavailable } from './errors.js';

const LIMIT_MS = 2_000;
/** A server that wants a certificate refuses after the handshake, as TLS 1.3 has it. */
const REFUSAL_MS = 300;

/**
 * Why no connection to Temporal came about. The SDK says only that none did: this makes one of its own and looks how
 * far it comes.
 */
export async function unreachable({
  address,
  connectionOptions,
}: TemporalSettings): Promise<TemporalUnavailable> {
  const { host, port } = hostAndPort(address);
  if (isIP(host) === 0 && !(await settles(lookup(host)))) {
    return new TemporalUnavailable(address, 'there is no such host', 'check TEMPORAL_ADDRESS');
  }
  const { tls } = connectionOptions;
  const given = typeof tls === 'object' && tls !== null ? tls : {};
  if (typeof tls !== 'object' && tls !== true) {
    if ((await tcpTrouble(host, port)) !== null) return noAnswer(address);
    // No certificate is checked: nothing is sent, only the handshake is looked at.
    const withTls = await tlsTrouble({ host, port, rejectUnauthorized: false });
    // An alert, such as for a certificate that it wants to see, is TLS too.
    if (withTls !== null && !withTls.includes('ALERT')) return noAnswer(address);
    return new TemporalUnavailable(
      address,
      'wants TLS, and none is set',
      'set TEMPORAL_TLS=true, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH where it wants a certificate',
    );
  }
  if ((await tcpTrouble(host, port)) !== null) return noAnswer(address);
  const name = given.serverNameOverride ?? (isIP(host) === 0 ? host : undefined);
  const trouble = await tlsTrouble({
    ...{ host, port, ALPNProtocols: ['h2'] },
    ...(name === undefined ? {} : { servername: name }),
    ...(given.serverRootCACertificate === undefined
      ? {}
      : { ca: Buffer.from(given.serverRootCACertificate) }),
    ...(given.clientCertPair === undefined
      ? {}
      : { cert: Buffer.from(given.clientCertPair.crt), key: Buffer.from(given.clientCertPair.key) }),
  });
  return trouble === null ? noAnswer(address) : tlsRefused(address, trouble);
}

/** @param code of the TLS library, such as DEPTH_ZERO_SELF_SIGNED_CERT */
export function tlsRefused(address: string, code: string): TemporalUnavailable {
  return new TemporalUnavailable(
    address,
    `no TLS connection comes about (${code})`,
    'check the TEMPORAL_TLS_* settings, and whether the server has TLS and a certificate for this name',
  );
}

function noAnswer(address: string): TemporalUnavailable {
  return new TemporalUnavailable(
    address,
    'does not answer',
    'set TEMPORAL_ADDRESS to a running server, or start one in the repository with: npm run dev',
    true,
  );
}

function hostAndPort(address: string): { host: string; port: number } {
  const match = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(address);
  return { host: match?.[1] ?? match?.[2] ?? address, port: Number(match?.[3] ?? 7233) };
}

async function settles(promise: Promise<unknown>): Promise<boolean> {
  return await promise.then(
    () => true,
    () => false,
  );
}

function tcpTrouble(host: string, port: number): Promise<string | null> {
  return troubleOf(() => connectTcp({ host, port }), 'connect', 0);
}

/** @returns the code of what went wrong, `null` where nothing did */
function tlsTrouble(options: ConnectionOptions): Promise<string | null> {
  return troubleOf(() => connectTls(options), 'secureConnect', REFUSAL_MS);
}

async function troubleOf(open: () => Socket, connected: string, waitMs: number): Promise<string | null> {
  let socket: Socket;
  try {
    socket = open();
  } catch (error) {
    // A certificate or key that cannot be read.
    return codeOf(error);
  }
  try {
    return await new Promise<string | null>((resolve) => {
      socket.setTimeout(LIMIT_MS, () => resolve('no answer in time'));
      socket.once('error', (error) => resolve(codeOf(error)));
      socket.once('close', () => resolve('closed'));
      socket.once(connected, () => {
        if (waitMs === 0) resolve(null);
        else setTimeout(() => resolve(null), waitMs);
      });
    });
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,80}$/.test(code) ? code : 'unknown';
}

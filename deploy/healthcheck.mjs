// Ends with 0 while the worker beside it is alive, and with 1 otherwise. For a container's HEALTHCHECK: it asks /livez at the
// port of LUMA_SYNC_HTTP_ADDR.
import { parseListenAddress } from '../dist/config/listen-address.js';

const LIMIT_MS = 2_000;
const ANY = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const address = parseListenAddress(process.env.LUMA_SYNC_HTTP_ADDR ?? '');
if (address === undefined) {
  console.error(
    'LUMA_SYNC_HTTP_ADDR is not set to address:port – without it a worker cannot be asked for its health',
  );
  process.exit(1);
}
const host = ANY[address.host] ?? address.host;
const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/livez`;
try {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
  process.exit(status === 200 ? 0 : 1);
} catch {
  console.error(`the worker does not answer at ${url}`);
  process.exit(1);
}

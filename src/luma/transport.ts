/** How requests reach Luma: directly, or through the proxies that the settings name. */
import { isLoopback } from './base-url.js';
import type { ProxySettings } from './proxy-settings.js';

export interface TransportRequest {
  /** Default GET. */
  method?: 'POST';
  body?: string;
  headers: Record<string, string>;
  redirect: 'manual';
  signal: AbortSignal;
}

/** Of a response, what both the global fetch and the library's have. */
export type TransportAnswer = Pick<Response, 'status' | 'headers' | 'body'>;

export type Transport = (url: string, request: TransportRequest) => Promise<TransportAnswer>;

/**
 * A proxy gets a CONNECT for Luma's host and what is then encrypted, never the key. An `http:` address of this machine
 * is asked directly whatever the settings say: it may carry a key because nothing leaves the machine.
 */
export function createTransport(baseUrl: string, proxies: ProxySettings | undefined): Transport {
  const { httpProxy = '', httpsProxy = '', noProxy = '' } = proxies ?? {};
  const url = new URL(baseUrl);
  const isLocal = url.protocol === 'http:' && isLoopback(url);
  if (isLocal || (httpProxy === '' && httpsProxy === '')) return (to, request) => fetch(to, request);

  let proxied: Promise<Transport> | undefined;
  return async (to, request) => {
    proxied ??= throughProxies({ httpProxy, httpsProxy, noProxy });
    const ask = await proxied;
    return await ask(to, request);
  };
}

/** Loaded where it is needed only: the library takes over the connections of the whole process's `fetch`. */
async function throughProxies(proxies: Required<ProxySettings>): Promise<Transport> {
  const undici = await import('undici');
  // Every setting is given: what is not, the library reads from the environment itself.
  const dispatcher = new undici.EnvHttpProxyAgent(proxies);
  return (to, request) => undici.fetch(to, { ...request, dispatcher });
}

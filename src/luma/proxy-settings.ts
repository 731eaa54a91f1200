/** Proxies on the way to Luma, as the usual environment variables name them. */
import { parseWebUrl } from '../parse-url.js';

export interface ProxySettings {
  /** Address of an HTTP proxy (`http://` or `https://`). Credentials in it go to that proxy only. */
  httpsProxy?: string;
  /** For a base URL that begins with `http:`; for `https:` too where there is no `httpsProxy`. */
  httpProxy?: string;
  /** Hosts that are asked directly, separated by commas: names (their subdomains too), `name:port`, `*` for all. */
  noProxy?: string;
}

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Spelled in small letters they win, as with most programs.
 * @param set variables that are set to something
 * @returns no `proxies` where no proxy is set. Problems do not quote a value, which may hold a password
 */
export function readProxySettings(set: Record<string, string>): {
  proxies: ProxySettings | undefined;
  problems: string[];
} {
  const problems: string[] = [];
  const addressIn = (name: string): string | undefined => {
    const spelling = [name.toLowerCase(), name].find((candidate) => set[candidate] !== undefined);
    if (spelling === undefined) return undefined;
    const address = proxyAddress((set[spelling] ?? '').trim());
    if (address === undefined) {
      problems.push(
        `${spelling} is not the address of an HTTP proxy – write it like http://proxy.internal:3128, with @ : / ? % in a password percent-encoded`,
      );
    }
    return address;
  };
  const httpsProxy = addressIn('HTTPS_PROXY');
  const httpProxy = addressIn('HTTP_PROXY');
  if (httpsProxy === undefined && httpProxy === undefined) return { proxies: undefined, problems };
  const noProxy = (set.no_proxy ?? set.NO_PROXY)?.trim();
  const proxies = {
    httpsProxy,
    httpProxy,
    noProxy,
  };
  return { proxies, problems };
}

/** Without a scheme it is http, as everywhere. */
function proxyAddress(text: string): string | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = parseWebUrl(address);
  if (url === undefined) return undefined;
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return undefined;
  }
  return url.href;
}

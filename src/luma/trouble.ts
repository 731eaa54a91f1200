/**
 * Why no answer of Luma's arrived, as a code and in words. Built from codes only: what a library says about a
 * connection can quote addresses and proxies' passwords.
 */

/** What answered is not Luma: a page of a proxy, a redirect, an error in another form. */
export const FOREIGN_ANSWER = 'FOREIGN_ANSWER';
/** The answer was whole as HTTP counts, and its content ends before its end. */
export const CUT_OFF = 'CUT_OFF';
/** The time limit of a request was over. */
export const TIMEOUT = 'TIMEOUT';

/** Fetch hides the socket's error in `cause`; of that, only a code that looks like one. */
export function troubleCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    const refusal = /^Proxy response \((\d{3})\)/.exec(at.message);
    if (refusal !== null) return `PROXY_${refusal[1]}`;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  }
  return undefined;
}

/** @returns what is wrong and what to do; `undefined` for a code that says it itself, such as ECONNRESET */
export function explain(code: string): string | undefined {
  return EXPLANATIONS.find(([pattern]) => pattern.test(code))?.[1];
}

const TRUST = 'name the file of the CA that signed it in NODE_EXTRA_CA_CERTS';

const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [
    /^FOREIGN_ANSWER$/,
    'something else than Luma answered – check LUMA_BASE_URL, and proxies and firewalls on the way',
  ],
  [/^CUT_OFF$/, 'the answer ends before its end'],
  [/^CERT_HAS_EXPIRED$/, 'TLS: the certificate has expired – renew it, or check the clock of this machine'],
  [/^CERT_NOT_YET_VALID$/, 'TLS: the certificate is not valid yet – check the clock of this machine'],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'TLS: the certificate is for another host – check LUMA_BASE_URL, and proxies on the way',
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/,
    `TLS: the certificate is self-signed – ${TRUST}`,
  ],
  [/^UNABLE_TO_(GET|VERIFY)_/, `TLS: nobody known here signed the certificate – ${TRUST}`],
  [/^(CERT_|CRL_|INVALID_|PATH_LENGTH_|ERROR_IN_CERT|ERROR_IN_CRL)/, 'TLS: the certificate is not accepted'],
  [
    /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/,
    'TLS: what listens there does not speak TLS – check LUMA_BASE_URL, https:// and the port',
  ],
  [/^UND_ERR_PRX_TLS$/, `TLS: the certificate of the proxy is not accepted – ${TRUST}`],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO$)/, 'TLS: no secure connection can be made'],
  [
    /^(ENOTFOUND|ENODATA|EAI_[A-Z]+)$/,
    'DNS: the name of the host cannot be resolved – check LUMA_BASE_URL, and DNS on this machine',
  ],
  [
    /^PROXY_407$/,
    'the proxy asks for a user name and a password – write them into HTTPS_PROXY, percent-encoded',
  ],
  [/^PROXY_\d{3}$/, 'the proxy in HTTPS_PROXY does not let it through – ask who runs it, or set NO_PROXY'],
];

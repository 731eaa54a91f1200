import { readDocument, type ReadDocument } from './document.js';

export interface Seen {
  response: Response;
  html: string;
  document: ReadDocument;
}

/** Somebody with a browser, as far as cookies and forms go: follows no redirects, and runs no scripts. */
export class Visitor {
  cookie = '';

  constructor(readonly url: string) {}

  async get(path: string): Promise<Seen> {
    return await this.read(
      await fetch(`${this.url}${path}`, { headers: this.headers(), redirect: 'manual' }),
    );
  }

  /** Sends a form as a browser does from a page of this server; headers replace what the browser says. */
  async post(
    path: string,
    fields: Record<string, string | readonly string[]>,
    headers: Record<string, string> = {},
  ): Promise<Seen> {
    const body = new URLSearchParams(
      Object.entries(fields).flatMap(([name, values]) =>
        [values].flat().map((value): [string, string] => [name, value]),
      ),
    );
    const sent = { ...this.headers(), origin: this.url, ...headers };
    const init = { method: 'POST', body, headers: sent, redirect: 'manual' } as const;
    return await this.read(await fetch(`${this.url}${path}`, init));
  }

  async signIn(token: string): Promise<void> {
    const { response } = await this.post('/status', { token });
    if (response.status !== 303) throw new Error(`signed in with status ${response.status}`);
  }

  /** What stands in the hidden field of the session's forms. */
  async formToken(): Promise<string> {
    const { document } = await this.get('/status');
    return document.all('input', { name: 'form' })[0]?.attributes.value ?? '';
  }

  private headers(): Record<string, string> {
    return this.cookie === '' ? {} : { cookie: this.cookie };
  }

  private async read(response: Response): Promise<Seen> {
    for (const cookie of response.headers.getSetCookie()) this.cookie = cookie.split(';', 1)[0] ?? '';
    const html = await response.text();
    return { response, html, document: readDocument(html) };
  }
}

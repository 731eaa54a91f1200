import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';

export interface ReceivedNotice {
  headers: IncomingHttpHeaders;
  body: string;
  /** What it was answered with. */
  status: number;
}

export interface Webhook {
  readonly url: string;
  readonly received: ReceivedNotice[];
  /** Statuses of the next answers; then 204. */
  answerNext(...statuses: number[]): void;
  /** Of those that were taken: what and of which need. */
  taken(): { type: string; text: string; data: Record<string, unknown> }[];
}

/** A receiver of notices. Call at the top of a test file. */
export function useWebhook(): Webhook {
  const received: ReceivedNotice[] = [];
  const next: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = next.shift() ?? 204;
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), status });
      response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterEach(() => {
    received.length = 0;
    next.length = 0;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  return {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`;
    },
    received,
    answerNext: (...statuses) => void next.push(...statuses),
    taken: () =>
      received
        .filter(({ status }) => status < 300)
        .map(({ body }) => JSON.parse(body) as ReturnType<Webhook['taken']>[number]),
  };
}

export const NOTIFY_SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ....').toString('base64')}`;

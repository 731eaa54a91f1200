import { Hono } from 'hono';
import { TemporalUnavailable } from '../client/errors.js';
import type { Logger } from '../logger.js';
import { StoreUnavailable } from '../mongo/errors.js';
import { PAGE_PATHS } from '../pages/create-pages.js';
import { TookTooLong } from '../within.js';
import type { Readiness } from '../worker/monitoring/readiness.js';
import type { Received } from './webhooks/receive.js';

type Handler = (request: Request) => Promise<Response>;

export interface AppMeans {
  readiness: () => Promise<Readiness>;
  receive: (orgId: string, request: Request) => Promise<Received>;
  feeds: Handler;
  pages: Handler;
  log: Pick<Logger, 'error' | 'warn'>;
}

const RECEIVED = {
  accepted: { status: 200, message: 'accepted' },
  refused: { status: 401, message: 'the signature is not one of this address' },
  'too-large': { status: 413, message: 'the body is too large' },
} as const;

/** What `serve` answers. */
export function createApp({ readiness, receive, feeds, pages, log }: AppMeans): Hono {
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    // Feeds and pages say by themselves how long they may be kept.
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
  });

  app.get('/livez', (c) => c.json({ status: 'alive' }));
  app.get('/readyz', async (c) => {
    const { ready, reasons } = await readiness();
    return ready ? c.json({ status: 'ready' }) : c.json({ status: 'not ready', reasons }, 503);
  });

  app.post('/webhooks/luma/:orgId', async (c) => {
    const { status, message } = RECEIVED[await receive(c.req.param('orgId'), c.req.raw)];
    return c.json({ message }, status);
  });

  app.all('/feeds/*', (c) => feeds(c.req.raw));
  for (const path of PAGE_PATHS) app.all(path, (c) => pages(c.req.raw));

  app.notFound((c) => c.json({ message: 'not here' }, 404));
  app.onError((error, c) => {
    const isOutage = [StoreUnavailable, TemporalUnavailable, TookTooLong].some(
      (kind) => error instanceof kind,
    );
    // What was being processed is nobody's business: of an error that is not expected, only its class is told.
    if (isOutage) log.warn({ reason: error.message }, 'a request cannot be answered now');
    else log.error({ type: error.name }, 'unexpected error in a request');
    return c.json({ message: 'try again later' }, isOutage ? 503 : 500);
  });
  return app;
}

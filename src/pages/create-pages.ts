import type { Db } from 'mongodb';
import type { Logger } from '../logger.js';
import { StoreUnavailable } from '../mongo/errors.js';
import { TookTooLong } from '../within.js';
import { agendaPage } from './agenda/agenda-page.js';
import { page, SAFE_HEADERS } from './answers.js';
import { assetNamed } from './assets.js';
import { messagePage } from './layout.js';
import { markup } from './markup.js';
import type { StatusOperations } from './status/means.js';
import { statusPages } from './status/status-pages.js';

export interface PagesOptions {
  /** Where events are read. */
  db: Db | (() => Promise<Db>);
  /** What the status page shows and does: `connectLumaSync`. */
  operations: StatusOperations;
  /** Who knows it may see and decide on `/status`. Absent: there is no such page. */
  token?: string;
  /** How browsers reach the pages. A path in it stands before all links; whoever passes requests on takes it away. */
  publicUrl?: string;
  /** Default: the clock of this machine. */
  now?: () => Date;
  logger: Pick<Logger, 'warn' | 'error'>;
  /** Ends what is still being sent, such as live updates. */
  signal?: AbortSignal;
}

/** Web-standard: runs wherever `Request` and `Response` are. */
export type PagesHandler = (request: Request) => Promise<Response>;

/** What a server passes on to the pages; `*` is anything. */
export const PAGE_PATHS = ['/', '/assets/*', '/status', '/status/*'] as const;

const FOREVER = 'public, max-age=31536000, immutable';

/** The pages that a server shows: the agenda at `/`, and, with a token, how everything stands at `/status`. */
export function createPages(options: PagesOptions): PagesHandler {
  const { db, token, publicUrl, now = () => new Date(), logger } = options;
  const root = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
  const reader = typeof db === 'function' ? db : () => Promise.resolve(db);
  const agenda = agendaPage({ db: reader, root, now });
  const status = token === undefined ? null : statusPages({ ...options, token, root, reader, now });

  async function route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (status !== null && /^\/status(\/|$)/.test(pathname)) return await status(request, pathname);
    const handler = pathname === '/' ? agenda : assetAt(pathname);
    if (handler === null) return notFound(root);
    return isRead ? await handler(request) : notAllowed(root, 'GET, HEAD');
  }

  return async function pages(request) {
    let response: Response;
    try {
      response = await route(request);
    } catch (error) {
      response = failed(root, error, logger);
    }
    return request.method === 'HEAD' ? new Response(null, response) : response;
  };
}

function assetAt(pathname: string): (() => Response) | null {
  const file = /^\/assets\/([\w.-]+)$/.exec(pathname)?.[1];
  const asset = file === undefined ? undefined : assetNamed(file);
  if (asset === undefined) return null;
  const { body, contentType } = asset;
  const headers = { ...SAFE_HEADERS, 'content-type': contentType, 'cache-control': FOREVER };
  return () => new Response(body, { headers });
}

function notFound(root: string): Response {
  const link = markup`<a href="${root}/">Upcoming events</a>`;
  return page(messagePage(root, 'This page does not exist', link), 404);
}

function notAllowed(root: string, allow: string): Response {
  return page(messagePage(root, 'This page cannot be used in this way'), 405, { allow });
}

/** What failed is nobody's business: of an error that is not expected, only its class is told. */
function failed(root: string, error: unknown, logger: PagesOptions['logger']): Response {
  const isOutage = error instanceof StoreUnavailable || error instanceof TookTooLong;
  if (isOutage) logger.warn({ reason: error.message }, 'a page cannot be shown now');
  else
    logger.error({ type: error instanceof Error ? error.name : typeof error }, 'unexpected error in a page');
  const document = messagePage(root, 'This page cannot be shown now', 'Try again in a minute.');
  return page(document, isOutage ? 503 : 500, { 'retry-after': '60' });
}

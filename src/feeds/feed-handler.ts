import { hash } from 'node:crypto';
import type { Db } from 'mongodb';
import { asDb } from '../read/db.js';
import { idsMeant } from '../read/query.js';
import { answer, type FeedHandler, isKnown, refusal } from './answers.js';
import { readFeedContents } from './feed-contents.js';
import { type FeedVersion, readFeedVersion } from './feed-version.js';
import { completeOptions, type DbSource, type FeedOptions } from './options.js';
import { type Render, renderBounded } from './rendering.js';

/** What a feed is written in. */
export interface FeedFormat {
  contentType: string;
  render: Render;
  /** Whether events that are gone are told of. */
  showsRemoved: boolean;
}

/** One more whenever the same events are written in another way. */
const WRITTEN_AS = 1;
/** Reads of contents in the hope that no sync changes them meanwhile. */
const TRIES = 3;
const DAY_MS = 86_400_000;

/** A handler of one feed. An answer costs one small read where whoever asks has it already. */
export function feedHandler(
  db: DbSource,
  { contentType, render, showsRemoved }: FeedFormat,
  options: FeedOptions,
): FeedHandler {
  const { orgId, limit, pastDays, maxAgeSeconds, onError, now, ...shown } = completeOptions(options);
  const orgIds = orgId === undefined ? null : idsMeant(orgId);

  /** A strong tag: all that the bytes are made of is in it. */
  function tagOf(version: FeedVersion, day: Date): string {
    const parts = [WRITTEN_AS, contentType, orgIds, limit, pastDays, shown, day, version];
    return `"${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 27)}"`;
  }

  async function respond(reader: Db, request: Request): Promise<Response> {
    const day = new Date(Math.floor(now().getTime() / DAY_MS) * DAY_MS);
    let version = await readFeedVersion(reader, orgIds);
    if (version === null && orgIds !== null) return refusal(404, 'There is no such calendar.');
    const known = tagOf(version, day);
    if (isKnown(request, known)) return answer(304, null, { etag: known, contentType, maxAgeSeconds });
    if (request.method === 'HEAD') return answer(200, null, { etag: known, contentType, maxAgeSeconds });

    for (let tries = 1; ; tries++) {
      const contents = await readFeedContents(reader, { orgIds, day, pastDays, limit, showsRemoved });
      const after = await readFeedVersion(reader, orgIds);
      if (after === version || tries === TRIES) {
        const etag = after === version ? tagOf(version, day) : null;
        return answer(200, renderBounded(render, contents, shown), { etag, contentType, maxAgeSeconds });
      }
      version = after;
    }
  }

  return async function feed(request) {
    if (!['GET', 'HEAD'].includes(request.method)) {
      return refusal(405, 'A feed can be read only.', { allow: 'GET, HEAD' });
    }
    try {
      return await respond(asDb(typeof db === 'function' ? await db() : db), request);
    } catch (error) {
      onError(error);
      return refusal(503, 'The events cannot be read now.', { 'retry-after': '60' });
    }
  };
}

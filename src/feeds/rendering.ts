import type { FeedContents } from './feed-contents.js';
import type { FeedOptions } from './options.js';

/** How contents are written down. */
export interface Rendering extends Pick<FeedOptions, 'pageUrl' | 'feedUrl'> {
  title: string;
  /** Code points of one description at most. */
  descriptionLength: number;
}

export type Render = (contents: FeedContents, rendering: Rendering) => string;

/** What a calendar may fill a feed with: descriptions become shorter first, then events that begin late are left out. */
const DESCRIPTIONS = 2_000_000;
const DESCRIPTION = 5_000;
const BYTES = 8 * 2 ** 20;

/** The feed, in at most 8 MiB. */
export function renderBounded(
  render: Render,
  contents: FeedContents,
  options: Omit<Rendering, 'descriptionLength'>,
): string {
  let { events, removed } = contents;
  for (;;) {
    const share = Math.floor(DESCRIPTIONS / Math.max(events.length, 1));
    const body = render({ events, removed }, { ...options, descriptionLength: Math.min(DESCRIPTION, share) });
    if (Buffer.byteLength(body) <= BYTES) return body;
    events = events.slice(0, Math.floor(events.length / 2));
    removed = removed.slice(0, Math.floor(removed.length / 2));
  }
}

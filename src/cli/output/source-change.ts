import { argument, commandLine } from '../../shell.js';

/** What becomes of documents where a feed takes the place of a key. */
export const WHAT_STAYS =
  'the next sync reads the feed and keeps the documents, with what only the API knew (descriptions, covers, tags, hosts)';

/** Said of an organization that has neither a key nor a feed that can be read. */
export function noSource(id: string): string {
  const of = argument(id);
  const setFeed = commandLine('luma-sync', 'orgs', 'set-feed', ...of, 'URL');
  const setKey = commandLine('luma-sync', 'orgs', 'set-key', ...of);
  return `It has neither a key nor a feed that can be read now: its events stay as they are, and no sync changes them until it has one of them: ${setKey} or ${setFeed}`;
}

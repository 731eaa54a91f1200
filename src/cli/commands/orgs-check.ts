import { Command } from 'commander';
import { NotConfigured } from '../../client/errors.js';
import type { CheckedOrganization } from '../../client/organization-sources.js';
import { processEnvironment, readConfig } from '../../config.js';
import { argument, commandLine } from '../../shell.js';
import { EXIT, ExitWith } from '../exit.js';
import { keyringIfSet } from '../keyring-if-set.js';
import { calendarText } from '../output/calendar.js';
import { print, printJson, say } from '../output/io.js';
import { oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

/** `luma-sync orgs check` */
export function orgsCheckCommand(): Command {
  return new Command('check')
    .summary('ask Luma whether the stored key works, or the feed')
    .description(
      `Opens the organization's stored Luma key, asks Luma which calendar it opens and how many events are upcoming, and
changes nothing. Costs a few requests of the calendar's budget. Of an organization without a key it reads the feed, which
is one request, and needs no key ring.`,
    )
    .argument('<id>', 'the organization')
    .option('--json', 'print what Luma said as JSON, with boundTo, the calendar that its syncs were of')
    .addHelpText(
      'after',
      `
Exit codes: 0 the key or the feed works, 1 it does not, or Luma did not say, 2 used wrongly, 3 it is of another calendar
than before

Example:
  $ luma-sync orgs check rust-berlin`,
    )
    .action(async (id: string, { json }: { json?: true }) => {
      await withClient(['mongo', 'lumaProxies', ...keyringIfSet()], async (lumaSync) => {
        const checked = await lumaSync.orgs.check(id).catch(sayWhatIsMissing);
        if (json) printJson(checked);
        else print(`The ${checked.source === undefined ? 'key' : 'feed'} works: ${calendarText(checked)}`);
        sayWhetherSame(checked);
      });
    });
}

/** A key needs the key ring: what is to be done about that, the settings say. */
function sayWhatIsMissing(error: unknown): never {
  if (error instanceof NotConfigured) readConfig(processEnvironment(), ['keyring']);
  throw error;
}

/** @throws ExitWith where it is another calendar */
function sayWhetherSame({ id, source, calendarId, boundTo }: CheckedOrganization): void {
  if (boundTo === null || boundTo === calendarId) return;
  const rebind = commandLine('luma-sync', 'orgs', 'rebind', ...argument(id));
  const setKey = commandLine('luma-sync', 'orgs', 'set-key', ...argument(id));
  const setFeed = commandLine('luma-sync', 'orgs', 'set-feed', ...argument(id), 'URL');
  const right =
    source === undefined ? `give it the right key: ${setKey}` : `give it the right feed: ${setFeed}`;
  say(
    `Its syncs were of another calendar (${oneLine(boundTo)}), so the next one fails. If the new one is meant: ${rebind}; if not, ${right}`,
  );
  throw new ExitWith(EXIT.partly);
}

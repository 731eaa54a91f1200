import { Command } from 'commander';
import type { AppliedWebhook, RemovedWebhook, WebhookInfo } from '../../client/webhooks.js';
import { commandLine, option } from '../../shell.js';
import { EXIT, ExitWith } from '../exit.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';
import { renderTable } from '../output/table.js';
import { count, instant, oneLine } from '../output/text.js';
import { withClient } from '../with-client.js';

interface WebhooksOptions {
  org?: string;
  json?: true;
}

const NEEDS = ['mongo', 'keyring', 'lumaProxies'] as const;

/** `luma-sync webhooks apply|list|remove` */
export function webhooksCommand(): Command {
  return new Command('webhooks')
    .summary('let Luma tell of changes: apply, list, remove')
    .description(
      `Webhooks: Luma tells \`luma-sync serve\` of changes, so that they show in seconds instead of with the next daily
sync. Each organization has one, at the address in LUMA_SYNC_PUBLIC_URL.`,
    )
    .addCommand(applyCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function applyCommand(): Command {
  return new Command('apply')
    .summary('register them at Luma, or bring them up to date')
    .description(
      `Registers a webhook at Luma for each organization that has a key, or for one. One that is there and paused, or
tells too little, is put right; where the address has changed, it is replaced. Its secret is stored sealed, as keys are.
Safe to repeat, in every deployment. Costs one to four requests of each calendar's budget.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--json', 'print an array of {orgId, outcome, url, reason} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed, 2 used wrongly, 3 some could not be registered

Example:
  $ LUMA_SYNC_PUBLIC_URL=https://events.example.org luma-sync webhooks apply`,
    )
    .action(async ({ org, json }: WebhooksOptions) => {
      await withClient(NEEDS, async (lumaSync) => {
        const applied = await lumaSync.webhooks.apply(org);
        if (json) printJson(applied);
        else if (applied.length > 0) print(applied.map(appliedLine).join('\n'));
        sayWhere(applied.length);
        endPartly(applied);
      });
    });
}

function listCommand(): Command {
  return new Command('list')
    .summary('ask Luma how they stand')
    .description(
      `Asks Luma, with each organization's key, how its webhook stands: active, paused, incomplete (it tells too little, or
its secret is not stored), missing, or unknown (Luma could not be asked). Costs one request of each calendar's budget.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--json', 'print an array of {orgId, state, url, eventTypes, lastDeliveryAt, reason} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 all are active, 1 failed, 2 used wrongly, 3 some are not

Example:
  $ luma-sync webhooks list --json | jq -r '.[] | select(.state != "active") | .orgId'`,
    )
    .action(async ({ org, json }: WebhooksOptions) => {
      await withClient(NEEDS, async (lumaSync) => {
        const webhooks = await lumaSync.webhooks.list(org);
        if (json) printJson(webhooks);
        else if (webhooks.length > 0) print(webhookTable(webhooks, stdoutWidth()));
        sayWhere(webhooks.length);
        const toApply = webhooks.filter(({ state }) => state !== 'active' && state !== 'unknown');
        if (toApply.length > 0) {
          const one = toApply.length === 1 ? option('--org', toApply[0]?.orgId ?? '') : [];
          say(`Put right with: ${commandLine('luma-sync', 'webhooks', 'apply', ...one)}`);
        }
        if (webhooks.some(({ state }) => state !== 'active')) throw new ExitWith(EXIT.partly);
      });
    });
}

function removeCommand(): Command {
  return new Command('remove')
    .summary('delete them at Luma')
    .description(
      `Deletes the webhook of each organization that has a key, or of one, at Luma, and forgets its secret. Changes then
show with the next scheduled sync. Webhooks of other programs stay. Safe to repeat.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--json', 'print an array of {orgId, outcome, reason} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed, 2 used wrongly, 3 some could not be deleted

Example:
  $ luma-sync webhooks remove --org rust-berlin`,
    )
    .action(async ({ org, json }: WebhooksOptions) => {
      await withClient(NEEDS, async (lumaSync) => {
        const removed = await lumaSync.webhooks.remove(org);
        if (json) printJson(removed);
        else if (removed.length > 0) print(removed.map(removedLine).join('\n'));
        sayWhere(removed.length);
        endPartly(removed);
      });
    });
}

function appliedLine(applied: AppliedWebhook): string {
  const { orgId, outcome } = applied;
  return [orgId, outcome, outcome === 'failed' ? applied.reason : applied.url].map(oneLine).join('  ');
}

function removedLine(removed: RemovedWebhook): string {
  const { orgId, outcome } = removed;
  return [orgId, outcome, ...(outcome === 'failed' ? [removed.reason] : [])].map(oneLine).join('  ');
}

function webhookTable(webhooks: readonly WebhookInfo[], width?: number): string {
  const rows = webhooks.map(({ orgId, state, url, reason, lastDeliveryAt }) => [
    orgId,
    state,
    instant(lastDeliveryAt),
    reason ?? url ?? '–',
  ]);
  const columns = [
    { title: 'ORGANIZATION' },
    { title: 'STATE' },
    { title: 'LAST DELIVERY' },
    { title: 'ADDRESS', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}

function sayWhere(organizations: number): void {
  if (organizations === 0) say('No organization has a Luma key.');
}

/** @throws ExitWith where some failed */
function endPartly(outcomes: readonly { outcome: string }[]): void {
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed').length;
  if (failed === 0) return;
  say(`${count(failed, 'organization')} failed: the others are done. Repeat it when the reason is gone.`);
  throw new ExitWith(EXIT.partly);
}

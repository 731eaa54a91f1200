import { Command, InvalidArgumentError } from 'commander';
import { TEMPORAL_CLOUD_PRICE } from '../../client/estimate-arithmetic.js';
import { processEnvironment, readConfig } from '../../config.js';
import { EXIT, ExitWith } from '../exit.js';
import { keyringIfSet } from '../keyring-if-set.js';
import { estimateText, notEstimatedText } from '../output/estimate.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';

interface EstimateCommandOptions {
  org?: string;
  price: number;
  json?: true;
}

const { dollarsPerMillion, asOf } = TEMPORAL_CLOUD_PRICE;

/** `luma-sync estimate` */
export function estimateCommand(): Command {
  return new Command('estimate')
    .summary('what the scheduled syncs cost: requests, actions, writes, dollars')
    .description(
      `Reckons what the schedule's syncs cost: requests to Luma and the minutes they take at its limit, actions of
Temporal and their price on Temporal Cloud, writes of MongoDB. From the last syncs of each organization; of one that was
never synced, from a request or two to Luma, with its key. Changes nothing.

The price is that of actions alone (${dollarsPerMillion} dollars a million, ${asOf}): plan, storage and support come on top.`,
    )
    .option('--org <id>', 'one organization only')
    .option('--price <dollars>', 'of a million actions on Temporal Cloud', parsePrice, dollarsPerMillion)
    .option('--json', 'print {schedule, organizations, aRun, aDay, temporalCloud, …} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed, 2 used wrongly, 3 of some organizations nothing can be said

Examples:
  $ luma-sync estimate
  $ luma-sync estimate --org rust-berlin --json | jq .aDay.lumaRequests
  $ luma-sync estimate --price 25`,
    )
    .action(async ({ org, price, json }: EstimateCommandOptions) => {
      // Without the key ring nothing can be said of organizations with a key that were never synced.
      const needs = ['temporal', 'mongo', 'lumaProxies', ...keyringIfSet()] as const;
      const { warnings = [], ...config } = readConfig(processEnvironment(), needs);
      for (const warning of warnings) say(`warning: ${warning}`);
      const { estimate } = await import('../../client/estimate.js');
      const estimated = await estimate({ config, orgId: org, dollarsPerMillion: price });
      if (json) printJson(estimated);
      else print(estimateText(estimated, stdoutWidth()));
      if (estimated.notEstimated.length === 0) return;
      say(notEstimatedText(estimated));
      throw new ExitWith(EXIT.partly);
    });
}

function parsePrice(text: string): number {
  const price = Number(text);
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text)) {
    throw new InvalidArgumentError('Write dollars for a million actions, like 50 or 32.5.');
  }
  return price;
}

import { Command } from 'commander';
import { processEnvironment } from '../../config.js';
import { EXIT, ExitWith } from '../exit.js';
import { diagnosisSummary, diagnosisText } from '../output/diagnosis.js';
import { print, printJson, say, stdoutWidth } from '../output/io.js';

/** `luma-sync doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('check settings, Temporal, MongoDB, key ring and Luma')
    .description(
      `Checks what syncs need, and says what to do about what is wrong: the settings; Temporal with its namespace, search
attribute, workers and schedule; MongoDB with its permissions, indexes, transactions and clock; the key ring against every
stored Luma key; Luma and its clock; the versions of this program. Takes at most ten seconds, whatever does not answer.
Luma is asked with one key at most, which is LUMA_API_KEY or one that is stored, and never shown.`,
    )
    .option('--fix', 'create missing indexes and the missing search attribute')
    .option('--json', 'print {status, checks: [{part, name, status, message, remedy, command, …}]} as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing failed (warnings are no failure), 1 something failed, 2 used wrongly

Examples:
  $ luma-sync doctor
  $ luma-sync doctor --fix
  $ luma-sync doctor --json | jq -r '.checks[] | select(.status != "pass") | .message'`,
    )
    .action(async ({ fix, json }: { fix?: true; json?: true }) => {
      // Loaded only here, so that help and usage errors come at once.
      const { diagnose } = await import('../../client/doctor/diagnose.js');
      const diagnosis = await diagnose({ env: processEnvironment(), fix: fix === true });
      if (json) printJson(diagnosis);
      else print(diagnosisText(diagnosis, stdoutWidth()));
      say(`${json ? '' : '\n'}${diagnosisSummary(diagnosis)}`);
      if (diagnosis.status === 'fail') throw new ExitWith(EXIT.failed);
    });
}

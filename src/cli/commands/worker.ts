import { Command } from 'commander';
import { processEnvironment, readConfig } from '../../config.js';
import { EXIT, ExitWith } from '../exit.js';

/** `luma-sync worker` */
export function workerCommand(): Command {
  return new Command('worker')
    .summary('run a worker: it does the syncing')
    .description(
      `Runs a worker, which does the syncing, until it is told to stop. Start as many as you like, anywhere: they
hold no state. The first SIGTERM or Ctrl-C lets it finish what it is doing, a second one ends it at once.

Logs are JSON lines on stdout. Needs TEMPORAL_*, MONGODB_URI and a key ring (LUMA_SYNC_KEYRING_FILE).`,
    )
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync keyring new luma-sync.keyring     # once; keep a copy in a safe place
  $ export LUMA_SYNC_KEYRING_FILE=$PWD/luma-sync.keyring
  $ MONGODB_URI=mongodb://127.0.0.1:27017/app luma-sync worker
  $ LOG_LEVEL=debug luma-sync worker`,
    )
    .action(async () => {
      const config = readConfig(processEnvironment(), [
        'temporal',
        'mongo',
        'keyring',
        'lumaProxies',
        'notices',
      ]);
      const { runWorker } = await import('../../worker.js');
      const code = await runWorker({ config });
      if (code !== EXIT.done) throw new ExitWith(code);
    });
}

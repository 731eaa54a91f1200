import { Command } from 'commander';
import { processEnvironment, readConfig } from '../../config.js';
import { EXIT, ExitWith } from '../exit.js';

/** `luma-sync serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .summary('take webhooks from Luma, and show feeds and pages of the events')
    .description(
      `Runs an HTTP server that takes Luma's webhooks (POST /webhooks/luma/<organization>) and starts syncs of the events
that have changed, until it is told to stop. Start as many as you like, anywhere: they hold no state. \`webhooks apply\`
registers them at Luma. /livez and /readyz tell its health.

It also shows the events: / is an agenda, /feeds/events.ics and /feeds/events.json are feeds of all organizations,
/feeds/<organization>/events.ics of one. /status shows how the calendars stand, to those who know
LUMA_SYNC_STATUS_TOKEN.

It listens on 127.0.0.1:8080, or where LUMA_SYNC_HTTP_ADDR says. Put a proxy that ends TLS before it. Logs are JSON lines
on stdout. Needs TEMPORAL_*, MONGODB_URI and a key ring; a worker does the syncing.`,
    )
    .addHelpText(
      'after',
      `
Examples:
  $ luma-sync serve
  $ LUMA_SYNC_HTTP_ADDR=0.0.0.0:8080 luma-sync serve
  $ LUMA_SYNC_PUBLIC_URL=https://events.example.org luma-sync webhooks apply`,
    )
    .action(async () => {
      const config = readConfig(processEnvironment(), [
        'temporal',
        'mongo',
        'keyring',
        'lumaProxies',
        'statusToken',
      ]);
      const { runServe } = await import('../../serve.js');
      const code = await runServe({ config });
      if (code !== EXIT.done) throw new ExitWith(code);
    });
}

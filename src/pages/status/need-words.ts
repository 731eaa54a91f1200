import type { Need } from '../../client/status/needs.js';
import { type Content, markup } from '../markup.js';
import { plural } from '../words.js';

/** What waits for a person, in a sentence that leads to where it is shown. */
export function needInWords({ kind, count }: Need, maxAgeMs: number): Content {
  const hours = Math.round(maxAgeMs / 3_600_000);
  const calendars = plural(count, 'calendar');
  switch (kind) {
    case 'no-workers':
      return 'Nothing is synced: no worker is running. Whoever runs this service has to start one.';
    case 'stuck':
      return markup`<a href="#running">${plural(count, 'sync')} ${count === 1 ? 'does' : 'do'} not get on</a>.`;
    case 'failing':
      return markup`<a href="#calendars">${calendars} cannot be synced</a>.`;
    case 'stale':
      return markup`<a href="#calendars">${calendars} ${count === 1 ? 'has' : 'have'} not been synced for ${hours} hours</a>.`;
    case 'never-synced':
      return markup`<a href="#calendars">${calendars} ${count === 1 ? 'was' : 'were'} never synced</a>.`;
    case 'removals':
      return markup`<a href="#removals">${plural(count, 'removal')} wait${count === 1 ? 's' : ''} for a decision</a>.`;
    case 'quarantine':
      return markup`<a href="#quarantine">${plural(count, 'entry', 'entries')} of Luma’s could not be understood</a>.`;
    case 'drift':
      return markup`<a href="#drift">Luma’s answers about ${calendars} look different from before</a>.`;
    case 'webhooks':
      return `Luma tells nothing about changes in ${calendars}: they show once a day. Whoever runs this service can mend it.`;
  }
}

import type { CalendarSpec } from '../../fake-luma/src/index.js';

/** How long the demo's fake Luma blocks a calendar: long enough to be seen, short enough to wait for. */
const BLOCK_MS = 3_000;

export interface DemoOrganization {
  id: string;
  name: string;
  apiKey: string;
}

/** Three calendars that show what a day can bring: all well, a pause that Luma asks for, a key that was revoked. */
export const DEMO_CALENDARS: readonly (CalendarSpec & { id: string; name: string; key: string })[] = [
  { id: 'cal-demoharbour', name: 'Harbour Makers Guild', key: 'secret-demo-harbour', events: 180 },
  {
    id: 'cal-democompiler',
    name: 'Café Compiler ☕',
    key: 'secret-demo-compiler',
    events: 120,
    faults: [{ kind: 'rate-limit', endpoint: 'list', onRequest: 2, times: 1, blockMs: BLOCK_MS }],
  },
  {
    id: 'cal-demonight',
    name: 'Night Shift Musicians',
    key: 'secret-demo-night',
    events: 30,
    faults: [{ kind: 'rejected-key' }],
  },
];

export const DEMO_ORGANIZATIONS: readonly DemoOrganization[] = DEMO_CALENDARS.map(({ id, name, key }) => ({
  id: id.replace('cal-demo', ''),
  name,
  apiKey: key,
}));

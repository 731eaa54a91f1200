import { agenda, type LumaEvent } from 'luma-sync/read';
import { database } from '../lib/database';

/** Rendered once, and again when changes were read (revalidate/route.ts), at the latest after an hour: time passes. */
export const dynamic = 'force-static';
export const revalidate = 3600;

export default async function Page() {
  const { days } = await agenda(database(), { from: new Date(), includeRunning: true, limit: 200 });
  return (
    <main>
      <h1>Events</h1>
      <p>
        <a href="/feeds/events.ics">Subscribe</a>
      </p>
      {days.map(({ day, events }) => (
        <section key={day}>
          <h2>{day}</h2>
          <ul>
            {events.map((event) => (
              <li key={`${String(event.orgId)} ${event.lumaEventId}`}>
                <time dateTime={event.startAt.toISOString()}>{localTime(event)}</time>{' '}
                <a href={event.url}>{event.title}</a>
                {event.location === undefined ? null : `, ${event.location}`}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </main>
  );
}

/** At the event's place. */
function localTime({ startAt, timezone }: LumaEvent): string {
  return startAt.toLocaleTimeString('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit' });
}

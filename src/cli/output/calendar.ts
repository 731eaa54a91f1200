import type { CheckedCalendar } from '../../client/check-luma-key.js';
import { count, oneLine } from './text.js';

/** `Rust Berlin (cal-x), 14 upcoming events, 2 more that are not public, https://luma.com/rust` */
export function calendarText(calendar: CheckedCalendar): string {
  const { calendarId, calendarName, calendarUrl, upcoming, notPublic, more } = calendar;
  return [
    `${oneLine(calendarName)} (${oneLine(calendarId)})`,
    `${more ? 'at least ' : ''}${count(upcoming, 'upcoming event')}`,
    ...(notPublic > 0 ? [`${notPublic.toLocaleString('en')} more that are not public`] : []),
    oneLine(calendarUrl),
  ].join(', ');
}

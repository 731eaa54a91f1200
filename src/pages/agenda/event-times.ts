/** When an event is, in the zone of its place. */
export interface EventTimes {
  /** `19:00` */
  start: string;
  /** `21:00`, or with its day where that is another one. */
  end?: string;
  /** `Europe/Brussels`, as people read it. */
  zone: string;
}

const LOCALE = 'en-GB';

/** Words for instants of events. To look a zone up costs far more than to use it: one of these for a page. */
export function eventTimes(): (startAt: Date, endAt: Date | undefined, timezone: string) => EventTimes {
  const zones = new Map<string, ReturnType<typeof formatsOf>>();
  return (startAt, endAt, timezone) => {
    const formats = zones.get(timezone) ?? formatsOf(timezone);
    zones.set(timezone, formats);
    const { day, time, dayAndTime, zone } = formats;
    const start = { start: time.format(startAt), zone };
    if (endAt === undefined || endAt <= startAt) return start;
    const isOneDay = day.format(startAt) === day.format(endAt);
    return { ...start, end: (isOneDay ? time : dayAndTime).format(endAt) };
  };
}

/** A document edited by hand may name a zone that there is not. */
function formatsOf(timeZone: string) {
  try {
    return formatsIn(timeZone);
  } catch {
    return formatsIn('UTC');
  }
}

function formatsIn(timeZone: string) {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(LOCALE, { timeZone, ...options });
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  return {
    day: format({ dateStyle: 'short' }),
    time: format(time),
    dayAndTime: format({ weekday: 'short', day: 'numeric', month: 'short', ...time }),
    zone: timeZone.replaceAll('_', ' '),
  };
}

const DAY = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', dateStyle: 'full' });

/** @param day `2026-12-01`. @returns `Tuesday, 1 December 2026` */
export function dayInWords(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? day : DAY.format(date);
}

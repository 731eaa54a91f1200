/**
 * Shows the agenda in the visitor's time zone, if the browser runs it: the list that the server wrote is sorted and
 * grouped anew by the visitor's days, and comes back at the press of a button. Written for browsers of 2020 and later.
 */
export const AGENDA_SCRIPT = `'use strict';
(() => {
  const agenda = document.getElementById('agenda');
  const note = document.getElementById('zone');
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!agenda || !note || !timeZone) return;

  const locale = (navigator.languages || []).find((name) => /^en\\b/.test(name)) || 'en-GB';
  const format = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const time = format({ timeStyle: 'short' });
  const shortDay = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const dayInWords = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  // Years, months and days in this order.
  const isoDay = new Intl.DateTimeFormat('sv-SE', { timeZone });

  const starts = (event) => Date.parse(event.querySelector('time').dateTime);

  function localized(event) {
    const copy = event.cloneNode(true);
    const [start, end] = copy.querySelectorAll('.when time');
    const from = new Date(start.dateTime);
    start.textContent = time.format(from);
    if (end) {
      const to = new Date(end.dateTime);
      const isOneDay = isoDay.format(to) === isoDay.format(from);
      end.textContent = (isOneDay ? '' : shortDay.format(to) + ', ') + time.format(to);
    }
    copy.querySelector('.when small').remove();
    return copy;
  }

  function section(day, from) {
    const made = document.createElement('section');
    made.className = 'day';
    const heading = made.appendChild(document.createElement('h2')).appendChild(document.createElement('time'));
    heading.dateTime = day;
    heading.textContent = dayInWords.format(from);
    made.appendChild(document.createElement('ul'));
    return made;
  }

  const written = [...agenda.children];
  const events = [...agenda.querySelectorAll('li')].sort((a, b) => starts(a) - starts(b));
  const days = new Map();
  for (const event of events) {
    const from = new Date(starts(event));
    const day = isoDay.format(from);
    if (!days.has(day)) days.set(day, section(day, from));
    days.get(day).lastChild.appendChild(localized(event));
  }

  const text = note.appendChild(document.createElement('span'));
  note.firstChild.remove();
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet';
  note.append(' ', button);
  note.setAttribute('role', 'status');
  let isLocal = false;
  function show(local) {
    isLocal = local;
    agenda.replaceChildren(...(local ? days.values() : written));
    text.textContent = local
      ? 'Times are in your time zone, ' + timeZone.replace(/_/g, ' ') + '.'
      : 'Each time is local to its event.';
    button.textContent = local ? 'Show times local to each event' : 'Show times in your time zone';
  }
  button.addEventListener('click', () => show(!isLocal));
  show(true);
})();
`;

/** Keeps what is being synced up to date, if the browser runs it. What it shows, the server wrote. */
export const STATUS_SCRIPT = `'use strict';
(() => {
  const live = document.getElementById('live');
  const note = document.getElementById('live-note');
  if (!live || !note || !window.EventSource) return;

  const address = location.pathname.replace(/\\/+$/, '') + '/events';
  const source = new EventSource(address);
  let running = null;
  let hasEnded = false;

  function say(text, link) {
    if (note.dataset.said === text) return;
    note.dataset.said = text;
    note.textContent = text;
    if (!link) return;
    const again = document.createElement('a');
    again.href = location.href;
    again.textContent = link;
    note.append(' ', again);
  }

  source.addEventListener('running', (event) => {
    const news = JSON.parse(event.data);
    live.innerHTML = news.html;
    if (running !== null && news.running !== null && news.running < running) hasEnded = true;
    if (news.running !== null) running = news.running;
    if (hasEnded) say('This part is live. A sync has ended since the page was loaded.', 'Load the rest again');
    else say('This part is live.');
  });
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) say('Live updates have ended.', 'Load this page again');
    else say('The connection is lost. Trying again …');
  });
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
})();
`;

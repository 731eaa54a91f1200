import type { Decision, HeldRemoval } from '../../client/removals.js';
import { layout } from '../layout.js';
import { type Content, type Html, markup } from '../markup.js';
import { instant, plural } from '../words.js';
import { statusNav } from './status-nav.js';

export interface RemovalsPage {
  root: string;
  orgId: string;
  name: string;
  removals: readonly HeldRemoval[];
  history: readonly Decision[];
  /** Who decides, as far as they have said. */
  by: string;
  formToken: string;
  /** What was wrong with the last answer. */
  problem?: Content;
  isRecorded: boolean;
}

/** As many as are decided on at once; the others follow. */
export const SHOWN_AT_ONCE = 200;

const REASONS: Record<HeldRemoval['reason'], string> = {
  canceled: 'Luma says that the event no longer exists.',
  'no-longer-managed': 'Luma says that another calendar manages it now.',
  'no-longer-listed': 'It was missing in two complete lists in a row.',
  'not-public': 'It is no longer public.',
  'not-asked': 'It is no longer listed. Luma has not been asked about it yet.',
};

export function removalsPage(view: RemovalsPage): Html {
  const { root, name, removals, history, formToken, problem, isRecorded } = view;
  const waiting = removals.filter(({ decision }) => decision === 'waiting');
  const decided = removals.filter(({ decision }) => decision !== 'waiting');
  const main = markup`<h1>Removals of <bdi>${name}</bdi></h1>
${isRecorded ? markup`<p class="card good" role="status">Your decision is recorded, as the first one below.</p>` : null}${
    problem === undefined ? null : markup`<p class="card error" id="problem" role="alert">${problem}</p>`
  }${waiting.length === 0 ? markup`<p>Nothing waits for a decision.</p>` : form(view, waiting)}
${
  decided.length === 0
    ? null
    : markup`<section><h2>Decided, and not carried out yet</h2><p>The next sync does what was decided. It asks Luma about each event again before it removes it.</p><ul class="needs">${decided
        .slice(0, SHOWN_AT_ONCE)
        .map(
          ({ title, decision, decidedBy, decidedAt }) =>
            markup`<li><bdi>${title}</bdi>: ${decision === 'approved' ? 'goes' : 'stays'} (<bdi>${decidedBy}</bdi>${
              decidedAt === undefined ? null : markup`, ${instant(decidedAt)}`
            })</li>`,
        )}</ul></section>`
}
${decisions(history)}
<p class="note"><a href="${root}/status">Back to the status</a></p>`;
  return layout({
    ...{ root, title: `Removals of ${name}`, skip: 'Skip to the removals' },
    ...{ nav: statusNav(root, formToken), main },
  });
}

function form({ root, orgId, by, formToken, problem }: RemovalsPage, waiting: readonly HeldRemoval[]): Html {
  const shown = waiting.slice(0, SHOWN_AT_ONCE);
  const more = waiting.length - shown.length;
  return markup`<p>This calendar would lose many events at once, so none is removed before somebody decides. It may be right, because they were deleted at Luma; or something is wrong with the calendar.</p>
<form method="post" action="${root}/status/removals">
<input type="hidden" name="form" value="${formToken}"><input type="hidden" name="org" value="${orgId}">
<fieldset><legend>${plural(shown.length, 'event')} to decide on</legend>${
    more > 0
      ? markup`<p class="muted">${plural(more, 'more', 'more')} will be shown when these are decided.</p>`
      : null
  }${shown.map(choice)}</fieldset>
<p class="narrow"><label for="name">Your name</label><input id="name" name="name" required maxlength="200" autocomplete="name" value="${by}"${
    problem === undefined ? null : markup` aria-describedby="problem"`
  }></p>
<p class="muted small">It is kept with the decision, and shown to everybody who may see this page.</p>
<p>The decision is about the checked events. Events that you let go are removed by the next sync, after it has asked Luma about each of them again.</p>
<p class="actions"><button name="decision" value="reject">Keep the checked events</button><button class="second" name="decision" value="approve">Let the checked events go</button></p>
</form>`;
}

function choice({ lumaEventId, title, startAt, reason }: HeldRemoval, index: number): Html {
  const id = `event-${index}`;
  return markup`<div class="choice"><input type="checkbox" id="${id}" name="event" value="${lumaEventId}" checked aria-describedby="${id}-why"><label for="${id}"><bdi>${title}</bdi></label><p class="muted small" id="${id}-why">${instant(startAt)}. ${REASONS[reason]}</p></div>
`;
}

function decisions(history: readonly Decision[]): Content {
  if (history.length === 0) return null;
  return markup`<section><h2>Decisions</h2><ul class="needs">${history.map(
    (decision) =>
      markup`<li>${instant(decision.at)}: <bdi>${decision.by}</bdi> ${decisionInWords(decision)}</li>`,
  )}</ul></section>`;
}

function decisionInWords({ kind, lumaEventIds = [] }: Decision): string {
  const events = plural(lumaEventIds.length, 'event');
  switch (kind) {
    case 'removals-approved':
      return `let ${events} go`;
    case 'removals-rejected':
      return `kept ${events}`;
    case 'rebind':
      return 'said that the calendar may be another one';
    case 'key-set':
      return 'stored another key';
  }
}

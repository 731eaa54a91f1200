import { type Html, markup } from '../markup.js';

/** Above every page of those who are signed in. */
export function statusNav(root: string, formToken: string): Html {
  return markup`<header class="top"><div class="bar"><nav aria-label="Main"><ul><li><a href="${root}/status">Status</a></li><li><a href="${root}/">Upcoming events</a></li></ul></nav>
<form method="post" action="${root}/status/sign-out"><input type="hidden" name="form" value="${formToken}"><button class="quiet">Sign out</button></form></div></header>`;
}

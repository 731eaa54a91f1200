import { layout } from '../layout.js';
import { type Html, markup } from '../markup.js';

/** The form that asks for the token. @param problem what was wrong with the last one */
export function signInPage(root: string, problem?: string): Html {
  const main = markup`<h1>How the calendars stand</h1>
<form class="narrow" method="post" action="${root}/status">
<p>This page is for those who look after the calendars.</p>
${problem === undefined ? null : markup`<p class="error" id="problem" role="alert">${problem}</p>`}
<p><label for="token">Access token</label><input id="token" name="token" type="password" required autocomplete="current-password"${
    problem === undefined ? null : markup` aria-invalid="true" aria-describedby="problem"`
  }></p>
<p><button>Sign in</button></p>
</form>`;
  return layout({ root, title: 'Sign in', skip: 'Skip to the form', main });
}

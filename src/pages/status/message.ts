import { page, PRIVATE_HEADERS } from '../answers.js';
import { messagePage } from '../layout.js';
import { markup } from '../markup.js';

/** A page that says one thing, to whoever is signed in or wants to be. */
export function message(
  root: string,
  status: number,
  title: string,
  headers: Record<string, string> = {},
): Response {
  const back = markup`<a href="${root}/status">Back to the status</a>`;
  return page(messagePage(root, title, back), status, { ...PRIVATE_HEADERS, ...headers });
}

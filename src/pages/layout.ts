import { ASSET_FILES, type AssetName } from './assets.js';
import { type Content, type Html, markup } from './markup.js';

export interface Layout {
  /** Path under which everything is, as browsers see it: '' or `/calendar`. */
  root: string;
  title: string;
  script?: Exclude<AssetName, 'style'>;
  /** More of the document's head. */
  head?: Content;
  /** Beside the name of the site. */
  nav?: Content;
  main: Content;
  /** Of the link to `main`, for whoever uses a keyboard. */
  skip: string;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect x='1' y='2' width='14' height='13' rx='3' fill='%23285c4d'/%3E%3Cpath d='M4 8h8M4 11h5' stroke='white' stroke-width='1.6'/%3E%3C/svg%3E";

/** A whole document. */
export function layout({ root, title, script, head, nav, main, skip }: Layout): Html {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${root}/assets/${ASSET_FILES.style}">
${script === undefined ? null : markup`<script src="${root}/assets/${ASSET_FILES[script]}" defer></script>`}
${head}
</head>
<body>
<a class="skip" href="#main">${skip}</a>
${nav}
<main id="main" tabindex="-1">
${main}
</main>
</body>
</html>
`;
}

/** A page that says one thing. */
export function messagePage(root: string, title: string, ...text: Content[]): Html {
  const main = markup`<h1>${title}</h1>${text.map((part) => markup`<p>${part}</p>`)}`;
  return layout({ root, title, main, skip: 'Skip to the message' });
}

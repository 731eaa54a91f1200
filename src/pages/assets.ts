import { hash } from 'node:crypto';
import { AGENDA_SCRIPT } from './assets/agenda-script.js';
import { STATUS_SCRIPT } from './assets/status-script.js';
import { STYLE } from './assets/style.js';

interface Asset {
  contentType: string;
  body: string;
}

const FILES = {
  style: { name: 'pages', extension: 'css', contentType: 'text/css', body: STYLE },
  agendaScript: { name: 'agenda', extension: 'js', contentType: 'text/javascript', body: AGENDA_SCRIPT },
  statusScript: { name: 'status', extension: 'js', contentType: 'text/javascript', body: STATUS_SCRIPT },
} as const;

export type AssetName = keyof typeof FILES;

/** Name of each file: with its contents it changes, so that browsers may keep it for ever. */
export const ASSET_FILES = Object.fromEntries(
  Object.entries(FILES).map(([key, { name, extension, body }]) => [
    key,
    `${name}.${hash('sha256', body, 'base64url').slice(0, 12)}.${extension}`,
  ]),
) as Record<AssetName, string>;

/** What pages load beside themselves; `undefined`: there is no such file. */
export function assetNamed(file: string): Asset | undefined {
  const found = Object.entries(ASSET_FILES).find(([, name]) => name === file);
  if (found === undefined) return undefined;
  const { contentType, body } = FILES[found[0] as AssetName];
  return { contentType: `${contentType}; charset=utf-8`, body };
}

import stringWidth from 'string-width';
import { bar } from './bar.js';
import type { Line } from './progress.js';
import { fit, joined, oneLine } from './text.js';
import type { OrgCells } from './watch-org.js';

export const BAR = 10;
const ID = 20;

/** Lines about organizations, one below the other in columns. */
export function orgLines(orgs: readonly (OrgCells & { orgId: string })[]): Line[] {
  const rows = orgs.map((org) => ({ ...org, id: fit(oneLine(org.orgId), ID) }));
  const widths = {
    id: widest(rows.map((row) => row.id)),
    what: widest(rows.map((row) => row.what)),
    state: widest(rows.map((row) => row.state)),
  };
  return rows.map((row) => {
    const { share, id, what, state, rest } = row;
    const cells = [
      pad(id, widths.id),
      bar(share, BAR),
      pad(what, widths.what),
      pad(state, widths.state),
      rest,
    ];
    const text = joined(cells, '  ');
    return { text: `  ${text}`.trimEnd(), tone: isBad(row) ? 'bad' : undefined };
  });
}

export function isBad({ standing }: Pick<OrgCells, 'standing'>): boolean {
  return standing === 'failing' || standing === 'failed';
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)));
}

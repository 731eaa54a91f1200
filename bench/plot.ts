export interface Bar {
  label: string;
  ms: number;
}

const WIDTH = 680;
const ROW = 20;
const LEFT = 180;
const RIGHT = 170;
const COLOURS = ['#8a94a6', '#3b6fd4'];

/** Horizontal bars in groups, as an SVG that reads on light and dark pages. */
export function barsOf(title: string, groups: readonly { name: string; bars: readonly Bar[] }[]): string {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ ms }) => ms)));
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const rows: string[] = [];
  let y = 30;
  for (const { name, bars } of groups) {
    rows.push(`<text x="10" y="${y + 14}" font-weight="bold">${name}</text>`);
    for (const [nth, { label, ms }] of bars.entries()) {
      const width = Math.max(1, Math.round(ms * scale));
      rows.push(
        `<rect x="${LEFT}" y="${y + 2}" width="${width}" height="${ROW - 6}" fill="${COLOURS[nth % COLOURS.length] ?? ''}"/>`,
        `<text x="${LEFT + width + 6}" y="${y + 14}">${Math.round(ms).toLocaleString('en')} ms ${label}</text>`,
      );
      y += ROW;
    }
    y += 12;
  }
  return svg(title, y, rows);
}

export interface Line {
  label: string;
  points: readonly { x: number; y: number }[];
}

const PLOT = { left: 60, top: 40, width: 420, height: 200 };
const LINE_COLOURS = ['#3b6fd4', '#d4703b', '#2f9e6e', '#8a94a6'];

/** Lines over one horizontal axis. */
export function linesOf(title: string, axes: { x: string; y: string }, lines: readonly Line[]): string {
  const { left, top, width, height } = PLOT;
  const points = lines.flatMap((line) => line.points);
  const most = { x: Math.max(...points.map(({ x }) => x)), y: Math.max(...points.map(({ y }) => y)) };
  const at = ({ x, y }: { x: number; y: number }) =>
    `${Math.round(left + (x / most.x) * width)},${Math.round(top + height - (y / most.y) * height)}`;
  const number = (value: number) => Math.round(value).toLocaleString('en');
  const rows = [
    `<path d="M${left},${top}V${top + height}H${left + width}" fill="none" stroke="#667"/>`,
    `<text x="${left - 6}" y="${top + 4}" text-anchor="end">${number(most.y)}</text>`,
    `<text x="10" y="${top - 8}">${axes.y}</text>`,
    `<text x="${left + width}" y="${top + height + 16}" text-anchor="end">${number(most.x)} ${axes.x}</text>`,
  ];
  for (const [nth, { label, points: of }] of lines.entries()) {
    const colour = LINE_COLOURS[nth % LINE_COLOURS.length] ?? '';
    rows.push(
      `<polyline points="${of.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...of.map((point) => {
        const [x = '0', y = '0'] = at(point).split(',');
        return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
      }),
      `<text x="${left + width + 14}" y="${top + 14 + nth * 18}" fill="${colour}">${label}</text>`,
    );
  }
  return svg(title, top + height + 30, rows);
}

function svg(title: string, height: number, rows: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" fill="#667"><title>${title}</title><text x="10" y="16" font-size="14">${title}</text>${rows.join('')}</svg>\n`;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['.', 'docs', '.github', 'packages/fake-luma', 'packages/playground'];
const documents = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

const withoutCode = (markdown: string) => markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');

/** What a link can name after `#`: headings, as GitHub writes them in an address. */
function anchors(path: string): string[] {
  const headings = withoutCode(readFileSync(path, 'utf8')).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Targets of links that lead to nothing. Links to the web are not followed. */
function brokenLinks(document: string): string[] {
  const links = [...withoutCode(readFileSync(join(root, document), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)];
  return links
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, document) : join(root, dirname(document), path);
      // What lies outside is not there for everybody.
      if (relative(root, file).startsWith('..') || !existsSync(file)) return true;
      return anchor !== undefined && !anchors(file).includes(anchor);
    });
}

describe('every link between documents leads to a file, and to a heading where it names one', () => {
  test.each(documents)('%s', (document) => {
    expect(brokenLinks(document)).toEqual([]);
  });
});

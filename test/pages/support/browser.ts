import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

const NAMES = [
  ...['chromium', 'chromium-headless-shell', 'chromium-browser'],
  ...['google-chrome', 'google-chrome-stable', 'chrome'],
];

/** The Chromium that is installed here: CHROMIUM_PATH, or one on PATH. */
function chromiumPath(): string {
  const given = process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates =
    given === undefined || given === ''
      ? NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
      : [given];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    'there is no Chromium: install one (Debian: apt-get install chromium), or set CHROMIUM_PATH',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Visitor {
  /** A page of a visitor of its own, closed after the test. */
  visit(url: string, options?: BrowserContextOptions): Promise<Page>;
}

/** A browser for the tests of a file. A test fails where a page met an error, or what its policy forbids. */
export function useBrowser(): Visitor {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath() });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    async visit(url, options = {}) {
      if (browser === undefined) throw new Error('the browser has not started');
      const context = await browser.newContext({ viewport: { width: 1_000, height: 900 }, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', ({ message }) => void faults.push(message));
      page.on('dialog', (dialog) => {
        faults.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('console', (message) => {
        // An answer that is no success, as after a wrong token, is none of the page's errors.
        const isAnswer = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isAnswer) faults.push(message.text());
      });
      await page.goto(url);
      return page;
    },
  };
}

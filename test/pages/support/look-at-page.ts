import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds wrong with a page for people with disabilities: WCAG 2.2 AA and its advice. */
export async function faultsOf(page: Page): Promise<string[]> {
  // By the debugger: the page's policy lets no script in.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await checker.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  return found;
}

/** Whether something is wider than the window. */
export async function isScrolledSideways(page: Page): Promise<boolean> {
  return await page.evaluate<boolean>(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
}

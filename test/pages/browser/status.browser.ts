import { randomUUID } from 'node:crypto';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectLumaSync, type LumaSync } from '../../../src/client.js';
import { createLogger } from '../../../src/logger.js';
import { createPages } from '../../../src/pages/create-pages.js';
import { useRig, useTemporal } from '../../support/rig.js';
import { mongoUri } from '../../support/servers.js';
import { useBrowser } from '../support/browser.js';
import { faultsOf, isScrolledSideways } from '../support/look-at-page.js';
import { addEverything } from '../support/seed.js';
import { servePages, type ServedPages } from '../support/serve.js';

const rig = useRig();
const temporal = useTemporal();
const browser = useBrowser();
const token = 'kN4m7Qx2vT9pLr5sWz8bYc3dFg6hJa1e';
/** A deployment of its own, so that syncs of other tests are none of it. */
const taskQueue = `luma-sync/${randomUUID().slice(0, 8)}`;
let operations: LumaSync;
let served: ServedPages;

beforeAll(() => {
  const { address } = temporal;
  operations = connectLumaSync(
    {
      temporal: { address, namespace: 'default', connectionOptions: { address } },
      mongo: { uri: mongoUri(), db: rig.store.db.databaseName },
    },
    { taskQueue },
  );
});
beforeEach(async () => {
  const { db } = rig.store;
  served = await servePages(createPages({ db, operations, token, logger: createLogger('silent') }));
  return () => served.close();
});
afterAll(() => operations.close());

async function signedIn(path = '/status', options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.visit(`${served.url}/status`, options);
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Calendars', exact: true }).waitFor();
  if (path !== '/status') await page.goto(`${served.url}${path}`);
  return page;
}

describe('the status page', () => {
  test('opens with the token only, and closes', async () => {
    await addEverything(rig.store.db);
    const page = await browser.visit(`${served.url}/status`);
    expect(await page.content()).not.toContain('Harbour');
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe('This is not the access token.');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Access token').fill(token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Harbour Makers Guild up to date' }).waitFor();
    expect(await page.evaluate<string>('document.cookie')).toBe('');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/status' });

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    await page.goto(`${served.url}/status`);
    expect(await page.content()).not.toContain('Harbour');
  });

  test('shows a sync live, from its begin to its end', async () => {
    const luma = await rig.startLuma({ calendars: [{ events: 12 }] });
    const calendar = luma.calendar(luma.calendars[0]?.id ?? '');
    calendar.setFault({ kind: 'latency', endpoint: 'event', ms: 5_000 });
    const orgId = await rig.addOrganization();
    await temporal.startWorker(rig.dependencies(), { taskQueue });
    const page = await signedIn();
    await page.getByText('Nothing is being synced now.').waitFor();
    await page.getByText('This part is live.').waitFor();

    const run = await operations.syncOrgEvents(orgId);
    const live = page.locator('#live');
    await live.getByRole('heading', { name: `Org ${orgId}` }).waitFor();
    await live.getByRole('progressbar', { name: 'Progress' }).waitFor();
    calendar.clearFaults();
    await run.result();
    await live.getByText('Nothing is being synced now.').waitFor();
    const again = page.getByRole('link', { name: 'Load the rest again' });
    await Promise.all([page.waitForEvent('load'), again.click()]);
    expect(await page.getByRole('heading', { name: `Org ${orgId} up to date` }).count()).toBe(1);
  });

  test('connects again when the server has been away', async () => {
    const page = await signedIn();
    await page.getByText('This part is live.').waitFor();
    const { port } = new URL(served.url);
    await served.close();
    await page.getByText('The connection is lost. Trying again …').waitFor();
    const { db } = rig.store;
    const pages = createPages({ db, operations, token, logger: createLogger('silent') });
    served = await servePages(pages, Number(port));
    await page.getByText('This part is live.').waitFor();
  });

  test('takes a decision, under the name of who decides, and shows it', async () => {
    await addEverything(rig.store.db);
    const page = await signedIn();
    await page.getByRole('link', { name: '3 removals wait for a decision' }).click();
    await page.getByRole('link', { name: 'Look and decide about Harbour Makers Guild' }).click();
    await page.getByRole('checkbox', { name: 'Night Fishing' }).uncheck();
    await page.getByLabel('Your name').fill('Ann <b>');
    await page.getByRole('button', { name: 'Let the checked events go' }).click();
    await page.getByText('Your decision is recorded').waitFor();
    expect(await page.getByText('Ann <b> let 2 events go').count()).toBe(1);
    expect(await page.getByRole('checkbox').count()).toBe(1);
    expect(await operations.removals.history()).toMatchObject([
      { by: 'Ann <b>', kind: 'removals-approved', lumaEventIds: ['evt-harbour-0', 'evt-harbour-1'] },
    ]);
    expect(await page.getByLabel('Your name').inputValue()).toBe('Ann <b>');
    await page.getByRole('button', { name: 'Keep the checked events' }).click();
    await page.getByText('Nothing waits for a decision.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  test('takes no decision about what was decided since it was shown', async () => {
    await addEverything(rig.store.db);
    const [ann, bob] = [
      await signedIn('/status/removals?org=harbour'),
      await signedIn('/status/removals?org=harbour'),
    ];
    for (const [page, name, button] of [
      [ann, 'Ann', 'Keep the checked events'],
      [bob, 'Bob', 'Let the checked events go'],
    ] as const) {
      await page.getByLabel('Your name').fill(name);
      await page.getByRole('button', { name: button }).click();
      await page.getByRole(name === 'Ann' ? 'status' : 'alert').waitFor();
    }
    expect(await bob.getByRole('alert').innerText()).toMatch(
      /^Nothing was decided: Ann kept “Sailing for beginners” on .*, and 2 more were decided on\./,
    );
    expect((await operations.removals.history()).map(({ by }) => by)).toEqual(['Ann']);
  });

  test('is used with nothing but a keyboard', async () => {
    await addEverything(rig.store.db);
    const page = await browser.visit(`${served.url}/status`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    const decide = page.getByRole('link', { name: /^Look and decide/ });
    await decide.waitFor();
    await tabTo(page, 'Look and decide about Harbour Makers Guild');
    await page.keyboard.press('Enter');
    await page.waitForURL(/removals/);
    await tabTo(page, 'evt-harbour-0');
    await page.keyboard.press('Space');
    await tabTo(page, 'name');
    await page.keyboard.type('Ann');
    await tabTo(page, 'Keep the checked events');
    await page.keyboard.press('Enter');
    await page.getByText('Your decision is recorded').waitFor();
    expect(await operations.removals.history()).toMatchObject([
      { by: 'Ann', kind: 'removals-rejected', lumaEventIds: ['evt-harbour-1', 'evt-harbour-2'] },
    ]);
  });

  test('shows all of it without script', async () => {
    await addEverything(rig.store.db);
    const page = await signedIn('/status', { javaScriptEnabled: false });
    expect(await page.getByRole('link', { name: 'Load this page again' }).count()).toBe(1);
    await page.getByRole('link', { name: /^Look and decide/ }).click();
    await page.getByLabel('Your name').fill('Ann');
    await page.getByRole('button', { name: 'Keep the checked events' }).click();
    await page.getByText('Your decision is recorded').waitFor();
  });

  test.each([320, 1_280])('fits a window that is %d pixels wide', async (width) => {
    await addEverything(rig.store.db);
    await rig.store.db.collection('held_removals').updateOne({}, { $set: { title: 'x'.repeat(150) } });
    const viewport = { width, height: 700 };
    const page = await signedIn('/status', { viewport });
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await isScrolledSideways(page)).toBe(false);
    await page.goto(`${served.url}/status/removals?org=harbour`);
    expect(await isScrolledSideways(page)).toBe(false);
  });

  test.each(['light', 'dark'] as const)('is accessible, in %s colours', async (colorScheme) => {
    await addEverything(rig.store.db);
    const page = await browser.visit(`${served.url}/status`, { colorScheme });
    expect(await faultsOf(page)).toEqual([]);
    const inside = await signedIn('/status', { colorScheme });
    for (const summary of await inside.locator('summary').all()) await summary.click();
    expect(await faultsOf(inside)).toEqual([]);
    await inside.goto(`${served.url}/status/removals?org=harbour`);
    expect(await faultsOf(inside)).toEqual([]);
  });
});

/** Presses Tab until the element with this text, value or id has the focus, which must be seen. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const [text, value, id, outline] = await page.evaluate<string[]>(
      `(() => { const it = document.activeElement; return [it.textContent, it.value ?? '', it.id, getComputedStyle(it).outlineStyle]; })()`,
    );
    if (![text?.trim(), value, id].includes(wanted)) continue;
    expect(outline).not.toBe('none');
    return;
  }
  throw new Error(`no ${wanted} by Tab`);
}

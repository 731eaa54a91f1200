import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../../src/logger.js';
import { ensureIndexes } from '../../../src/mongo/collections.js';
import { createPages, type PagesOptions } from '../../../src/pages/create-pages.js';
import { eventDoc, store } from '../../read/support/events.js';
import { freshDatabase } from '../../support/servers.js';
import { useBrowser } from '../support/browser.js';
import { faultsOf, isScrolledSideways } from '../support/look-at-page.js';
import { addOrganization } from '../support/seed.js';
import { servePages, type ServedPages } from '../support/serve.js';

const { db } = freshDatabase();
const browser = useBrowser();
const EVIL = `</h3></script><script>alert(1)</script><img src=x onerror=alert(2)>`;
let served: ServedPages;

beforeAll(async () => {
  await ensureIndexes(db);
  const operations = {} as PagesOptions['operations'];
  const now = () => new Date('2090-11-03T18:30:00Z');
  served = await servePages(createPages({ db, operations, logger: createLogger('silent'), now }));
});
beforeEach(async () => {
  for (const collection of ['events', 'organizations']) await db.collection(collection).deleteMany({});
  await addOrganization(db, 'harbour', 'Harbour Makers Guild');
  await store(
    db,
    eventDoc('evt-now', { title: 'Open Workshop', endAt: new Date('2090-11-03T21:00:00Z') }),
    eventDoc('evt-tokyo', {
      ...{ title: 'Night of Robots', timezone: 'Asia/Tokyo', tags: ['robots'] },
      ...{ startAt: new Date('2090-11-04T16:00:00Z'), endAt: new Date('2090-11-04T18:00:00Z') },
    }),
    eventDoc('evt-weekend', {
      ...{ title: EVIL, location: EVIL, tags: [EVIL], timezone: 'America/New_York' },
      ...{ startAt: new Date('2090-11-04T23:00:00Z'), endAt: new Date('2090-11-06T15:00:00Z') },
    }),
    eventDoc('evt-long', {
      ...{
        title: 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(3),
        startAt: new Date('2090-11-05T10:00:00Z'),
      },
      ...{ tags: ['x'.repeat(80)], location: 'y'.repeat(120), hostName: 'z'.repeat(90), city: 'Gent' },
    }),
  );
});
afterAll(() => served.close());

/** Days, and under each its events with their times. */
async function agenda(page: Page): Promise<Record<string, string[]>> {
  const sections = await page.locator('#agenda section').all();
  return Object.fromEntries(
    await Promise.all(
      sections.map(async (section) => {
        const day = await section.getByRole('heading', { level: 2 }).innerText();
        const items = await section.locator('li').all();
        const lines = items.map(async (item) => {
          const [when, title] = await Promise.all([
            item.locator('.when').innerText(),
            item.getByRole('heading', { level: 3 }).locator('bdi').innerText(),
          ]);
          return `${when.replace(/\s+/g, ' ')}: ${title.slice(0, 15)}`;
        });
        return [day, await Promise.all(lines)] as const;
      }),
    ),
  );
}

const IN_BRITAIN = { locale: 'en-GB' };
const EVIL_START = EVIL.slice(0, 15);

describe('the agenda', () => {
  test('is in the visitor’s time zone, and by the visitor’s days', async () => {
    const tokyo = await browser.visit(served.url, { ...IN_BRITAIN, timezoneId: 'Asia/Tokyo' });
    expect(await agenda(tokyo)).toEqual({
      'Saturday, 4 November 2090': ['03:00 – 06:00: Open Workshop'],
      'Sunday, 5 November 2090': [
        '01:00 – 03:00: Night of Robots',
        `08:00 – Tue 7 Nov, 00:00: ${EVIL_START}`,
        '19:00: Donaudampfschif',
      ],
    });
    const newYork = await browser.visit(served.url, { locale: 'en-US', timezoneId: 'America/New_York' });
    expect(await agenda(newYork)).toEqual({
      'Friday, November 3, 2090': ['2:00 PM – 5:00 PM: Open Workshop'],
      'Saturday, November 4, 2090': [
        '12:00 PM – 2:00 PM: Night of Robots',
        `7:00 PM – Mon, Nov 6, 10:00 AM: ${EVIL_START}`,
      ],
      'Sunday, November 5, 2090': ['5:00 AM: Donaudampfschif'],
    });
    expect(await newYork.getByRole('status').innerText()).toContain(
      'Times are in your time zone, America/New York.',
    );
  });

  test('is local to each event without script, and at the press of a button', async () => {
    const local = {
      'Friday, 3 November 2090': ['19:00 – 22:00 Europe/Brussels: Open Workshop'],
      'Saturday, 4 November 2090': [`19:00 – Mon 6 Nov, 10:00 America/New York: ${EVIL_START}`],
      'Sunday, 5 November 2090': [
        '01:00 – 03:00 Asia/Tokyo: Night of Robots',
        '11:00 Europe/Brussels: Donaudampfschif',
      ],
    };
    const still = await browser.visit(served.url, { ...IN_BRITAIN, javaScriptEnabled: false });
    expect(await agenda(still)).toEqual(local);
    expect(await still.getByText('Each time is local to its event.').count()).toBe(1);
    const page = await browser.visit(served.url, { ...IN_BRITAIN, timezoneId: 'Asia/Kolkata' });
    const own = await agenda(page);
    await page.getByRole('button', { name: 'Show times local to each event' }).click();
    expect(await agenda(page)).toEqual(local);
    await page.getByRole('button', { name: 'Show times in your time zone' }).click();
    expect(await agenda(page)).toEqual(own);
  });

  test('is searched and narrowed with nothing but a keyboard', async () => {
    const page = await browser.visit(served.url);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the events' });
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the events');
    expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0);
    expect(await outlineOf(page)).not.toBe('none');
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main');

    await page.keyboard.press('Tab');
    expect(await outlineOf(page)).not.toBe('none');
    await page.keyboard.type('robots');
    await Promise.all([page.waitForURL(/q=robots/), page.keyboard.press('Enter')]);
    expect(Object.values(await agenda(page)).flat()).toHaveLength(1);

    await page.goto(served.url);
    await page.getByText('By organization, city or tag').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Harbour');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Gent');
    await page.getByRole('button', { name: 'Find' }).focus();
    await Promise.all([page.waitForURL(/org=harbour&city=Gent/), page.keyboard.press('Space')]);
    expect(Object.values(await agenda(page)).flat()).toHaveLength(1);
    expect(await page.getByLabel('City').inputValue()).toBe('Gent');
    await page.getByRole('link', { name: 'Show all' }).press('Enter');
    await page.waitForURL(`${served.url}/`);
  });

  test('runs nothing that stands in a title', async () => {
    const page = await browser.visit(served.url);
    await page.getByRole('button', { name: 'Show times local to each event' }).click();
    expect(await page.getByText(EVIL).count()).toBeGreaterThan(0);
    expect(await page.locator('img').count()).toBe(0);
    await page.getByRole('link', { name: EVIL }).nth(1).click();
    await page.waitForURL(/tag=/);
    expect(await page.getByRole('heading', { name: EVIL }).count()).toBe(1);
  });

  test('leads to Luma', async () => {
    const page = await browser.visit(served.url);
    const link = page.getByRole('link', { name: 'Night of Robots' });
    expect(await link.getAttribute('href')).toBe('https://luma.com/evt-tokyo');
    expect(await link.getAttribute('rel')).toBe('noopener');
  });

  test.each([320, 375, 1_280])('fits a window that is %d pixels wide', async (width) => {
    const page = await browser.visit(served.url, { viewport: { width, height: 700 } });
    await page.getByText('By organization, city or tag').click();
    expect(await isScrolledSideways(page)).toBe(false);
  });

  test('can be read at twice the size of text', async () => {
    const page = await browser.visit(served.url, { viewport: { width: 640, height: 700 } });
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    expect(await isScrolledSideways(page)).toBe(false);
  });

  test.each(['light', 'dark'] as const)('is accessible, in %s colours', async (colorScheme) => {
    const page = await browser.visit(served.url, { colorScheme });
    expect(await faultsOf(page)).toEqual([]);
    await page.getByText('By organization, city or tag').click();
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${served.url}/?q=nothing`);
    expect(await faultsOf(page)).toEqual([]);
  });
});

async function outlineOf(page: Page): Promise<string> {
  return await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
}

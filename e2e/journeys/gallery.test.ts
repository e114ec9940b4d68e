import { test as base, expect, type Browser, type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { byKeyboard } from '../gallery/by-keyboard.ts';
import {
  axeFindings,
  bareIds,
  CONTRAST,
  layoutShift,
  overflow,
  smallTargets,
  twoFrames,
} from '../gallery/checks.ts';
import type { Scene } from '../gallery/scene.ts';
import { sceneGroups } from '../gallery/scenes.ts';
import { Drawing, galleryContext } from '../gallery/show.ts';
import { serveGallery } from '../gallery/site.ts';

const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 800 };
/** How many pages are drawn side by side. */
const LANES = 2;

const test = base.extend<object, { url: string }>({
  url: [
    async ({ browserName: _any }, use) => {
      const site = await serveGallery(fileURLToPath(new URL('../.results/gallery-checked', import.meta.url)));
      await use(site.url);
      await site.stop();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
});

// A finding says what it found: pictures of each step, and of all of the page, would take longer than looking at it.
test.use({ trace: 'off' });

/**
 * Each scene is drawn once, and gone through by Tab. Each size and theme is looked at: a phone by all rules, and a wide
 * window too once for each place, for what a state changes there is seen on the phone.
 */
async function findingsOf(
  browser: Browser,
  url: string,
  scenes: readonly Scene[],
): Promise<readonly string[]> {
  const context = await galleryContext(browser, { viewport: PHONE, hasTouch: true });
  const waiting = [...scenes];
  const findings: string[] = [];
  /** The places of which a wide window was looked at by all rules. */
  const widely = new Set<string>();
  const lane = async (): Promise<void> => {
    const page = await context.newPage();
    const drawing = new Drawing(page);
    let found: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && found.push(message.text())));
    page.on('pageerror', (error) => void found.push(error.message));
    for (let scene = waiting.shift(); scene !== undefined; scene = waiting.shift()) {
      found = [];
      const isNew = !widely.has(scene.hash);
      widely.add(scene.hash);
      await drawing.show(url, scene);
      found.push(...(await inEachView(page, isNew)), ...(await byKeyboard(page)));
      findings.push(...found.map((finding) => `${scene.name}: ${finding}`));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await context.close();
  return findings;
}

/** Begins and ends on a phone, in the light. */
async function inEachView(page: Page, widely: boolean): Promise<readonly string[]> {
  const theme = async (colorScheme: 'light' | 'dark'): Promise<void> => {
    await page.emulateMedia({ colorScheme });
    await twoFrames(page);
  };
  const found = [
    ...(await axeFindings(page)),
    ...(await bareIds(page)),
    ...(await layoutShift(page)),
    ...(await overflow(page, 'on a phone')),
    ...(await smallTargets(page)),
  ];
  await theme('dark');
  found.push(...(await axeFindings(page, CONTRAST)));
  await page.setViewportSize(WIDE);
  await twoFrames(page);
  found.push(
    ...(await axeFindings(page, widely ? undefined : CONTRAST)),
    ...(await overflow(page, 'in a wide window')),
  );
  await theme('light');
  found.push(...(await axeFindings(page, CONTRAST)));
  await page.setViewportSize(PHONE);
  return found;
}

for (const [name, scenes] of Object.entries(sceneGroups))
  test(`every screen in every state, ${name}: axe finds nothing, nothing moves by itself or stands out, no id stands where a name is known, and Tab comes to all of it`, async ({
    browser,
    url,
  }) => {
    expect(scenes.length).toBeGreaterThan(0);
    expect(await findingsOf(browser, url, scenes)).toEqual([]);
  });

test('no two scenes have one name: one of them would never be drawn', () => {
  const names = Object.values(sceneGroups)
    .flat()
    .map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('an id that stands where a name is known is found, and one beside its name is not', async ({ page }) => {
  const id = `02${'ab'.repeat(32)}`;
  await page.evaluate((named) => {
    window.gallery = { publish: () => undefined, names: () => [[named, ['Ada']]] };
  }, id);
  const short = '02abab…ababab';
  await page.setContent(
    `<main><h1>Channel with ${short}</h1><ul><li>Ada ${short}</li><li aria-label="to ${id}"></li></ul></main>`,
  );
  expect(await bareIds(page)).toEqual([
    `Channel with ${short} stands for Ada in <h1>Channel with ${short}</h1>`,
    `to ${id} is read for Ada`,
  ]);
});

test('what Tab never comes to, a focus that is not seen, and a sheet that Escape leaves open, are found', async ({
  page,
}) => {
  await page.setContent(
    '<a href="#one">one</a><button style="outline: none">two</button><a href="#three">three</a>',
  );
  // Whoever comes to the second stays there.
  await page
    .locator('button')
    .evaluate((button) => button.addEventListener('keydown', (event) => event.preventDefault()));
  expect(await byKeyboard(page)).toEqual([
    'Tab never comes to <a href="#three">three</a>',
    'the focus is not seen on <button style="outline: none">two</button>',
  ]);
  await page.setContent('<div role="dialog"><button>one</button></div>');
  expect(await byKeyboard(page)).toEqual(['Escape does not close the sheet']);
});

import { test as base, expect, type Browser } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { axeFindings, layoutShift, overflow, smallTargets, twoFrames } from '../gallery/checks.ts';
import type { Scene } from '../gallery/scene.ts';
import { sceneGroups } from '../gallery/scenes.ts';
import { galleryContext, showScene } from '../gallery/show.ts';
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

/** On a phone in the light, then in a wide window in the dark: each scene in both sizes and both themes, drawn once. */
async function findingsOf(
  browser: Browser,
  url: string,
  scenes: readonly Scene[],
): Promise<readonly string[]> {
  const context = await galleryContext(browser, { viewport: PHONE, hasTouch: true });
  const waiting = [...scenes];
  const findings: string[] = [];
  const lane = async (): Promise<void> => {
    for (let scene = waiting.shift(); scene !== undefined; scene = waiting.shift()) {
      const page = await context.newPage();
      const found: string[] = [];
      page.on('console', (message) => void (message.type() === 'error' && found.push(message.text())));
      page.on('pageerror', (error) => void found.push(error.message));
      await showScene(page, url, scene);
      found.push(
        ...(await axeFindings(page)),
        ...(await layoutShift(page)),
        ...(await overflow(page, 'on a phone')),
        ...(await smallTargets(page)),
      );
      await page.setViewportSize(WIDE);
      await page.emulateMedia({ colorScheme: 'dark' });
      await twoFrames(page);
      found.push(...(await axeFindings(page)), ...(await overflow(page, 'in a wide window')));
      findings.push(...found.map((finding) => `${scene.name}: ${finding}`));
      await page.close();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await context.close();
  return findings;
}

for (const [name, scenes] of Object.entries(sceneGroups))
  test(`every screen in every state, ${name}: axe finds nothing, nothing moves by itself or stands out`, async ({
    browser,
    url,
  }) => {
    expect(scenes.length).toBeGreaterThan(0);
    expect(await findingsOf(browser, url, scenes)).toEqual([]);
  });

import type { Browser, BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { NOW } from '../../web/testkit/snapshots.ts';
import type { Scene } from './scene.ts';

/** Where a picture is the same each time: one language, one moment, nothing that moves. */
export async function galleryContext(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    colorScheme: 'light',
    ...options,
  });
  await context.clock.setFixedTime(NOW * 1000);
  return context;
}

/** Draws the scene, with all that a person does there. */
export async function showScene(page: Page, url: string, scene: Scene): Promise<void> {
  await page.goto(`${url}?scene=${scene.name}${scene.hash}`);
  await page.locator('#app > *').first().waitFor({ state: 'attached' });
  await scene.steps?.(page);
  await still(page);
}

/** Drawn, and nothing moves any more: what turns for ever is not waited for. */
async function still(page: Page): Promise<void> {
  await page.locator('h1, [role=alert]').first().waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (one) => one.playState === 'finished' || one.effect?.getComputedTiming().iterations === Infinity,
      ),
  );
}

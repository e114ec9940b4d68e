import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from '@playwright/test';
import { NOW } from '../../web/testkit/snapshots.ts';
import { twoFrames } from './checks.ts';
import type { Scene } from './scene.ts';

/** So many times two frames without a request: by then what was going to ask has asked. */
const QUIET = 3;

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

/** One page that draws scene after scene. */
export class Drawing {
  readonly #page: Page;
  /** What the page has asked for and not got yet. */
  readonly #asked = new Set<Request>();

  constructor(page: Page) {
    this.#page = page;
    page.on('request', (request) => this.#asked.add(request));
    page.on('requestfinished', (request) => this.#asked.delete(request));
    page.on('requestfailed', (request) => this.#asked.delete(request));
  }

  /** Draws the scene, with all that a person does there. */
  async show(url: string, scene: Scene): Promise<void> {
    await this.#page.goto(`${url}?scene=${scene.name}${scene.hash}`);
    await this.#page.locator('#app > *').first().waitFor({ state: 'attached' });
    await scene.steps?.(this.#page);
    await this.#still();
  }

  /** Drawn, all of it is here, and nothing moves any more: what turns for ever is not waited for. */
  async #still(): Promise<void> {
    const page = this.#page;
    await page.locator('h1, [role=alert]').first().waitFor({ state: 'attached' });
    // A part that arrives may ask for another.
    for (let quiet = 0; quiet < QUIET;) {
      await twoFrames(page);
      quiet = this.#asked.size === 0 ? quiet + 1 : 0;
    }
    await page.waitForFunction(() =>
      document
        .getAnimations()
        .every(
          (one) => one.playState === 'finished' || one.effect?.getComputedTiming().iterations === Infinity,
        ),
    );
  }
}

import type { Page } from '@playwright/test';

/** What the device has copied. */
export class Clipboard {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** The page may read it and write to it. */
  static async of(page: Page): Promise<Clipboard> {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: originOf(page) });
    return new Clipboard(page);
  }

  read(): Promise<string> {
    return this.#page.evaluate(() => navigator.clipboard.readText());
  }

  /** As another program does. */
  put(text: string): Promise<void> {
    return this.#page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  }

  /** From now on the page may do neither. */
  async refuse(): Promise<void> {
    // It stays as it is said here while this session does.
    const browser = await this.#page.context().newCDPSession(this.#page);
    const { targetInfo } = await browser.send('Target.getTargetInfo');
    for (const name of ['clipboard-read', 'clipboard-write'])
      await browser.send('Browser.setPermission', {
        permission: { name },
        setting: 'denied',
        origin: originOf(this.#page),
        ...(targetInfo.browserContextId === undefined
          ? {}
          : { browserContextId: targetInfo.browserContextId }),
      });
  }
}

const originOf = (page: Page): string => new URL(page.url()).origin;

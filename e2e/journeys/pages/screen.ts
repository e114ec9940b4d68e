import type { Locator, Page } from '@playwright/test';

/** What every screen has. */
export class Screen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  protected button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }
  protected link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }
  /** Moves inside the page, as a click on a link does. */
  protected async goTo(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
  }
  /** The sentence that says what went wrong. */
  get problem(): Locator {
    return this.page.locator('.problem');
  }
}

import type { Locator, Page } from '@playwright/test';
import { app } from '../../../web/i18n/en.ts';
import { expect } from './patient.ts';

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
  /** Presses the button that copies `what`, until it says that it did. */
  async copy(what: string): Promise<void> {
    const button = this.copier(what);
    await button.click();
    await expect(button.locator('+ [role=status]')).toHaveText(app.copied);
  }
  copier(what: string): Locator {
    return this.button(new RegExp(`^${app.copyOf(what)}$`, 'i'));
  }
  /** The sentence that says what went wrong. */
  get problem(): Locator {
    return this.page.locator('.problem');
  }
}

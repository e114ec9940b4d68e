import type { Page } from '@playwright/test';

const MOST_PRESSES = 40;

/** Goes on by Tab until what has the focus is called so. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < MOST_PRESSES; presses++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue;
    const called = await focused.evaluate(
      (element: HTMLElement & { labels?: NodeListOf<HTMLElement> | null }) =>
        (element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText).trim(),
    );
    if (name.test(called)) return;
  }
  throw new Error(`Tab never comes to ${String(name)}`);
}

/** What begins with `name`, which says more where it has an amount. */
export async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, new RegExp(`^${name}(\\s|$)`));
  await page.keyboard.press('Enter');
}

import { expect, type Page } from '@playwright/test';
import { axeFindings, twoFrames } from '../../gallery/checks.ts';

/** The screen as it stands, in both themes. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await twoFrames(page);
    expect(await axeFindings(page), `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** At a phone's size and in a wide window. */
export async function expectAccessibleAtBothSizes(page: Page, what: string): Promise<void> {
  const phone = page.viewportSize();
  await expectAccessible(page, what);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expectAccessible(page, `${what}, wide`);
  if (phone !== null) await page.setViewportSize(phone);
}

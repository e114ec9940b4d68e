import type { Page } from '@playwright/test';
import { hex } from '../../../web/testkit/snapshots.ts';
import type { Scene } from '../scene.ts';
import { coinsOnly, everyday } from '../wallets.ts';
import { asked } from './money.ts';

/** As where a page is not served over TLS: it can neither copy nor paste. */
const withhold = (page: Page): Promise<unknown> =>
  page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));

async function press(page: Page, name: string): Promise<void> {
  await withhold(page);
  await page.getByRole('button', { name, exact: true }).first().click();
  const said = page.getByRole('alert');
  await said.waitFor();
  await said.scrollIntoViewIfNeeded();
}

/** What is said where a device's clipboard is kept from the page. */
export const clipboard: readonly Scene[] = [
  {
    name: 'receive-not-copied',
    hash: '#/receive',
    scenario: () => everyday(),
    kept: asked('12500', 'Tea and cake'),
    steps: (page) => press(page, 'Copy payment request'),
  },
  {
    name: 'receive-onchain-not-copied',
    hash: '#/receive',
    scenario: () => coinsOnly(),
    steps: async (page) => {
      await page.getByText('Invoice and address apart').click();
      await press(page, 'Copy bitcoin address');
    },
  },
  {
    name: 'payment-not-copied',
    hash: `#/activity/${hex(1)}`,
    scenario: () => everyday(),
    steps: async (page) => {
      await page.getByText('For the record').click();
      await press(page, 'Copy invoice');
    },
  },
  {
    name: 'send-not-pasted',
    hash: '#/send',
    scenario: () => everyday(),
    steps: (page) => press(page, 'Paste'),
  },
];

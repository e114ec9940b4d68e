import type { Locator, Page } from '@playwright/test';

const SPOKEN = /^([\d,]+) satoshis?/;

/** What a screen reader hears of an amount; thousandths are an error: nothing here has any. */
export function satHeard(spoken: string): bigint {
  const match = SPOKEN.exec(spoken);
  if (match === null) throw new Error(`not an amount in satoshis: "${spoken}"`);
  return BigInt((match[1] ?? '').replaceAll(',', ''));
}

/** The first amount in `scope`. */
export const satIn = async (scope: Locator): Promise<bigint> =>
  satHeard((await scope.locator('.amount .heard').first().textContent()) ?? '');

/** The value beside a name in a list of facts. */
export const fact = (page: Page, name: string): Locator =>
  page
    .locator('dl > div:visible')
    .filter({ has: page.locator('dt').getByText(name, { exact: true }) })
    .locator('dd');

export const factSat = (page: Page, name: string): Promise<bigint> => satIn(fact(page, name));

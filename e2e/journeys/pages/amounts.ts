import type { Locator, Page } from '@playwright/test';

const SPOKEN = /^([\d,]+)(?:\.(\d{1,3}))? satoshis?/;

/** The amount that a screen reader hears in `scope`, in millisatoshis. */
export async function msatIn(scope: Locator): Promise<bigint> {
  const spoken = (await scope.locator('.amount .heard').first().textContent()) ?? '';
  const match = SPOKEN.exec(spoken);
  if (match === null) throw new Error(`not an amount: "${spoken}"`);
  return BigInt((match[1] ?? '').replaceAll(',', '')) * 1000n + BigInt((match[2] ?? '').padEnd(3, '0'));
}

/** Whole satoshis; the rest, if any, is an error: money on chain has none. */
export async function satIn(scope: Locator): Promise<bigint> {
  const msat = await msatIn(scope);
  if (msat % 1000n !== 0n) throw new Error(`${msat} msat is not whole satoshis`);
  return msat / 1000n;
}

/** The value beside a name in a list of facts. */
export const fact = (page: Page, name: string): Locator =>
  page
    .locator('dl > div:visible')
    .filter({ has: page.locator('dt').getByText(name, { exact: true }) })
    .locator('dd');

export const factSat = (page: Page, name: string): Promise<bigint> => satIn(fact(page, name));

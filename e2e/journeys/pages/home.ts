import { expect, type Locator } from '@playwright/test';
import { app, home } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { satIn } from './amounts.ts';
import { Screen } from './screen.ts';

export type Holdings = {
  readonly spendable: bigint;
  readonly lightning: bigint;
  readonly onchain: bigint;
  /** What is ours and not final, by the words it is told with; only what is not nothing. */
  readonly pending: Readonly<Record<string, bigint>>;
};

/** Nothing held: what an expectation names is added. */
const NOTHING: Holdings = { spendable: 0n, lightning: 0n, onchain: 0n, pending: {} };

export class Home extends Screen {
  open(): Promise<void> {
    return this.goTo(links.home);
  }

  get balance(): Locator {
    return this.page.getByRole('region', { name: home.balance, exact: true });
  }

  async holdings(): Promise<Holdings> {
    const parts = this.balance.locator('.split > *');
    const pending: Record<string, bigint> = {};
    const lines = this.page
      .getByRole('region', { name: home.pending.title, exact: true })
      .getByRole('listitem');
    for (const line of await lines.all())
      pending[(await line.locator('.line > span').first().innerText()).trim()] = await satIn(line);
    return {
      spendable: await satIn(this.balance),
      lightning: await satIn(parts.nth(0)),
      onchain: await satIn(parts.nth(1)),
      pending,
    };
  }

  /** Waits until exactly this is shown. `spendable` is the sum of both. */
  async expectHoldings(expected: Partial<Omit<Holdings, 'spendable'>>): Promise<void> {
    const { lightning = 0n, onchain = 0n } = expected;
    await expect
      .poll(() => this.holdings().catch((error: unknown) => String(error)), { intervals: [50, 100, 250] })
      .toEqual({ ...NOTHING, ...expected, spendable: lightning + onchain });
  }

  async getTestCoins(): Promise<void> {
    await this.button(home.faucet.button).click();
  }

  /** One line of what happened last. */
  activity(title: string): Locator {
    return this.page
      .getByRole('region', { name: home.recent })
      .getByRole('listitem')
      .filter({ hasText: title });
  }

  get elsewhere(): Locator {
    return this.page.getByRole('heading', { name: app.elsewhere.title });
  }
  async useHere(): Promise<void> {
    await this.button(app.elsewhere.takeOver).click();
  }
}

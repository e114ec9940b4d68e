import type { Locator } from '@playwright/test';
import { expect } from './patient.ts';
import { app, home } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { satHeard } from './amounts.ts';
import { Screen } from './screen.ts';

/** What one channel with anchors keeps back on chain. */
export const KEPT = 25_000n;

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

  /** All of one moment. Fails while the balance is not on the screen. */
  async holdings(): Promise<Holdings> {
    const heard = await this.page.evaluate(() => ({
      balance: [...document.querySelectorAll('section[aria-labelledby=balance] .amount')].map(
        (amount) => amount.querySelector('.heard')?.textContent ?? '',
      ),
      pending: [
        ...document.querySelectorAll(
          'section:is([aria-labelledby=pending], [aria-labelledby=aside]) li .line',
        ),
      ].map(
        (line) =>
          [
            line.firstElementChild?.textContent ?? '',
            line.querySelector('.heard')?.textContent ?? '',
          ] as const,
      ),
    }));
    const [spendable = '', lightning = '', onchain = ''] = heard.balance;
    return {
      spendable: satHeard(spendable),
      lightning: satHeard(lightning),
      onchain: satHeard(onchain),
      pending: Object.fromEntries(heard.pending.map(([what, spoken]) => [what, satHeard(spoken)])),
    };
  }

  /** What is shown first, right or wrong: nothing is waited for once there is a balance. */
  async firstHoldings(): Promise<Holdings> {
    await this.page.locator('section[aria-labelledby=balance] .amount').first().waitFor();
    return this.holdings();
  }

  /**
   * Waits until exactly this is shown. `spendable` is the sum of both. `kept`: of `onchain`, what the screen shows
   * apart as kept back for closing channels.
   */
  async expectHoldings({
    lightning = 0n,
    onchain: all = 0n,
    pending = {},
    kept = 0n,
  }: Partial<Omit<Holdings, 'spendable'>> & { readonly kept?: bigint }): Promise<void> {
    const onchain = all - kept;
    const apart = kept > 0n ? { [home.aside.kept.label]: kept, ...pending } : pending;
    await expect
      .poll(() => this.holdings().catch((error: unknown) => String(error)), { intervals: [50, 100, 250] })
      .toEqual({ ...NOTHING, lightning, onchain, pending: apart, spendable: lightning + onchain });
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

  /** Of a line of what happened last. */
  async paymentId(line: Locator): Promise<string> {
    const href = (await line.getByRole('link').getAttribute('href')) ?? '';
    return href.split('/').at(-1) ?? '';
  }

  get elsewhere(): Locator {
    return this.page.getByRole('heading', { name: app.elsewhere.title });
  }
  async useHere(): Promise<void> {
    await this.button(app.elsewhere.takeOver).click();
  }
}

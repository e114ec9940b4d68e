import type { Locator } from '@playwright/test';
import { expect } from './patient.ts';
import { move, send } from '../../../web/i18n/en.ts';
import { factSat } from './amounts.ts';
import { Screen } from './screen.ts';

/** Money of one's own from one channel to another. */
export class Move extends Screen {
  /** From the list of channels, as a person would. */
  async begin(from: string, to: string): Promise<void> {
    await this.link(move.action).click();
    await this.#choose(move.from, from);
    await this.#choose(move.to, to);
  }

  /** Once the map shows a way. @returns the fee as shown before the button */
  async feeFor(amountSat: bigint): Promise<bigint> {
    const amount = this.page.getByLabel(move.amount, { exact: true });
    await expect(async () => {
      await amount.fill('');
      await amount.fill(amountSat.toString());
      await expect(this.#go.or(this.problem)).toBeVisible();
      await expect(this.problem).toHaveCount(0);
    }).toPass();
    return factSat(this.page, send.review.fee);
  }

  async go(): Promise<void> {
    await this.#go.click();
  }

  get #go(): Locator {
    return this.button(new RegExp(`^${move.go} [\\d,]+ sat`));
  }

  async #choose(group: string, peer: string): Promise<void> {
    await this.page.getByRole('group', { name: group }).getByRole('radio', { name: peer }).check();
  }
}

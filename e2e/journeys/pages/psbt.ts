import { psbt, send } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { factSat } from './amounts.ts';
import { expect } from './patient.ts';
import { Screen } from './screen.ts';

/** Transactions that leave the page unsigned and come back. */
export class Psbt extends Screen {
  open(): Promise<void> {
    return this.goTo(links.psbt);
  }

  async make(address: string, sat: bigint): Promise<void> {
    await this.goTo(links.psbtMake);
    await this.page.getByLabel(psbt.making.to).fill(address);
    await this.page.getByLabel(psbt.making.amount).fill(sat.toString());
    await this.button(new RegExp(`^${psbt.making.go} [\\d,]+ sat`)).click();
    await expect(this.page.locator('h1')).toHaveText(psbt.review.title);
  }

  async feeSat(): Promise<bigint> {
    return factSat(this.page, psbt.review.fee);
  }
  async leavesSat(): Promise<bigint> {
    return factSat(this.page, psbt.review.leaves);
  }

  /** @returns where the browser put it */
  async save(): Promise<string> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.button(psbt.review.save).click(),
    ]);
    return download.path();
  }

  async bring(path: string): Promise<void> {
    await this.open();
    await this.page.getByLabel(psbt.choose).setInputFiles(path);
    await expect(this.page.locator('h1')).toHaveText(psbt.review.title);
  }

  async sign(): Promise<void> {
    await this.button(psbt.review.sign).click();
    await expect(this.page.getByText(psbt.review.complete)).toBeVisible();
  }

  async send(): Promise<void> {
    await this.button(new RegExp(`^${psbt.review.send} [\\d,]+ sat`)).click();
    await expect(this.page.getByRole('heading', { name: send.result.onTheWay })).toBeVisible();
  }

  async giveUp(): Promise<void> {
    await this.button(psbt.review.giveUp).click();
    await this.button(psbt.review.giveUpGo).click();
    await expect(this.page.locator('h1')).toHaveText(psbt.title);
  }
}

import { expect } from './patient.ts';
import { app, send } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { fact, factSat, satIn } from './amounts.ts';
import { Screen } from './screen.ts';

export class Send extends Screen {
  open(): Promise<void> {
    return this.goTo(links.send);
  }

  /** Whatever was pasted, typed or scanned: one box for all. */
  async enter(text: string): Promise<void> {
    await this.open();
    await this.page.getByLabel(send.to).fill(text);
    await this.button(send.next).click();
  }

  /** What the device has copied. */
  async paste(): Promise<void> {
    await this.button(send.paste).click();
  }

  async amount(sat: bigint | string): Promise<void> {
    await this.page.getByLabel(send.review.amount, { exact: true }).fill(sat.toString());
  }

  async sendAll(): Promise<void> {
    await this.button(send.review.sendAll).click();
  }

  /** Of all, what channels need to close by themselves. */
  staysSat(): Promise<bigint> {
    const [, why] = send.review.stays(0n);
    return satIn(this.page.getByText(typeof why === 'string' ? why.trim() : ''));
  }

  async feerate(satPerVb: number): Promise<void> {
    await this.page.getByRole('radio', { name: send.fees.custom }).check();
    await this.page.getByLabel(send.fees.rate).fill(satPerVb.toString());
  }

  /** The cost as shown before the button. */
  async cost(): Promise<{ readonly feeSat: bigint; readonly totalSat: bigint }> {
    await expect(fact(this.page, send.review.total)).toBeVisible();
    return {
      feeSat: await factSat(this.page, send.review.fee),
      totalSat: await factSat(this.page, send.review.total),
    };
  }

  /** Over Lightning. */
  async pay(): Promise<void> {
    await this.button(new RegExp(`^${send.review.pay}`)).click();
  }
  /** On chain. */
  async send(): Promise<void> {
    await this.button(new RegExp(`^${send.review.sendIt} [\\d,]+ sat`)).click();
  }

  async expectSent(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: send.result.sent, exact: true })).toBeVisible();
  }
  async expectOnTheWay(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: send.result.onTheWay })).toBeVisible();
  }
  paidFeeSat(): Promise<bigint> {
    return factSat(this.page, send.result.fee);
  }

  /** Of the payment just made. */
  async proof(): Promise<string> {
    await this.page.locator('summary').filter({ hasText: send.result.proof }).click();
    return (
      await this.page.getByRole('group', { name: send.result.proof }).locator('code').innerText()
    ).trim();
  }
  /** Of the on-chain payment just made. */
  async txId(): Promise<string> {
    return (
      await this.page.getByRole('group', { name: send.result.txId }).locator('code').innerText()
    ).trim();
  }

  async done(): Promise<void> {
    await this.link(app.done).click();
  }
}

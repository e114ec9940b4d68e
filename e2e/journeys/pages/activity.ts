import { activity, send } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { fact, factSat } from './amounts.ts';
import { expect } from './patient.ts';
import { Screen } from './screen.ts';

/** The list of payments, and one of them whole. */
export class Activity extends Screen {
  async openPayment(id: string): Promise<void> {
    await this.goTo(links.payment(id));
    await expect(fact(this.page, activity.payment.state)).toBeVisible();
  }

  async beginSpeedUp(satPerVb: number): Promise<void> {
    await this.button(activity.speedUp.action).click();
    await this.page.getByRole('radio', { name: send.fees.custom }).check();
    await this.page.getByLabel(send.fees.rate).fill(satPerVb.toString());
    await expect(fact(this.page, activity.speedUp.extra)).toBeVisible();
  }

  /** @returns what was shown before the button, and the transaction that took the other's place */
  async speedUp(): Promise<{ readonly extraSat: bigint; readonly feeSat: bigint; readonly txId: string }> {
    const extraSat = await factSat(this.page, activity.speedUp.extra);
    const feeSat = await factSat(this.page, activity.speedUp.newFee);
    const before = this.page.url();
    await this.button(new RegExp(`^${activity.speedUp.go} [\\d,]+ sat`)).click();
    await expect(this.page).not.toHaveURL(before);
    const txId = this.page.url().split('/').at(-1) ?? '';
    await expect(fact(this.page, activity.payment.fee)).toBeVisible();
    return { extraSat, feeSat, txId };
  }

  /** @returns what was shown before the button, and the transaction that brings the coins back */
  async cancelSend(satPerVb: number): Promise<{ readonly feeSat: bigint; readonly txId: string }> {
    await this.button(activity.cancelSend.action).click();
    await this.page.getByRole('radio', { name: send.fees.custom }).check();
    await this.page.getByLabel(send.fees.rate).fill(satPerVb.toString());
    const feeSat = await factSat(this.page, activity.cancelSend.fee);
    const before = this.page.url();
    await this.button(new RegExp(`^${activity.cancelSend.go} [\\d,]+ sat`)).click();
    await expect(this.page).not.toHaveURL(before);
    const txId = this.page.url().split('/').at(-1) ?? '';
    await expect(fact(this.page, activity.payment.state)).toBeVisible();
    // It pays nobody else any more.
    await expect(this.button(activity.cancelSend.action)).toHaveCount(0);
    return { feeSat, txId };
  }

  feeSat(): Promise<bigint> {
    return factSat(this.page, activity.payment.fee);
  }
}

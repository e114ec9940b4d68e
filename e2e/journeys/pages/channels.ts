import type { Locator } from '@playwright/test';
import { expect } from './patient.ts';
import { channels, channelStates } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { fact, factSat } from './amounts.ts';
import { Screen } from './screen.ts';

export class Channels extends Screen {
  open(): Promise<void> {
    return this.goTo(links.channels);
  }

  get rows(): Locator {
    return this.page.getByRole('list', { name: channels.list }).getByRole('listitem');
  }

  /** Opens one to the first peer that is offered. @returns the fee that was shown before the button */
  async openTo(amountSat: bigint): Promise<bigint> {
    await this.priceOf(amountSat);
    const feeSat = await factSat(this.page, channels.open.fee);
    expect(await factSat(this.page, channels.open.total)).toBe(amountSat + feeSat);
    await this.button(new RegExp(`^${channels.open.go}`)).click();
    await this.expectState('waiting-for-confirmations');
    return feeSat;
  }

  async priceOf(amountSat: bigint): Promise<void> {
    await this.goTo(links.channelOpen);
    await this.page.getByLabel(channels.open.amount).fill(amountSat.toString());
    await expect(fact(this.page, channels.open.total)).toBeVisible();
  }

  /** Of the channel in front, or of the only one in the list. */
  async expectState(state: keyof typeof channelStates): Promise<void> {
    const line = this.page
      .locator('main p:visible')
      .filter({ hasText: new RegExp(`^\\s*${channelStates[state].label}\\b`) });
    await expect(line).toBeVisible();
  }

  async openFirst(): Promise<void> {
    await this.open();
    await this.rows.first().getByRole('link').click();
    await expect(fact(this.page, channels.facts.capacity)).toBeVisible();
  }

  /** In the channel in front. */
  factSat(name: string): Promise<bigint> {
    return factSat(this.page, name);
  }

  /** An id of the channel in front, from its folded record. */
  async recorded(name: string): Promise<string> {
    const record = this.page.locator('details').filter({ hasText: channels.technical });
    await record.evaluate((details: HTMLDetailsElement) => {
      details.open = true;
    });
    return (await record.getByRole('group', { name }).locator('code').innerText()).trim();
  }

  /** Closes the channel in front with its peer. @returns what was promised before the button */
  async closeTogether(): Promise<{ readonly feeSat: bigint; readonly receivedSat: bigint }> {
    await this.link(channels.close.action).click();
    const feeSat = await factSat(this.page, channels.close.fee);
    const receivedSat = await factSat(this.page, channels.close.receive);
    await this.button(new RegExp(`^${channels.close.go}`)).click();
    await this.expectState('closing');
    return { feeSat, receivedSat };
  }
}

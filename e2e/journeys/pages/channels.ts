import type { Locator } from '@playwright/test';
import { expect } from './patient.ts';
import { channels, channelStates, send } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { fact, factSat, satHeard, satIn } from './amounts.ts';
import { Screen } from './screen.ts';

export class Channels extends Screen {
  open(): Promise<void> {
    return this.goTo(links.channels);
  }

  get rows(): Locator {
    return this.page.getByRole('list', { name: channels.list }).getByRole('listitem');
  }

  /** Opens one to that peer, or the first that is offered. @returns the fee that was shown before the button */
  async openTo(amountSat: bigint, peer?: string): Promise<bigint> {
    await this.priceOf(amountSat);
    if (peer !== undefined) await this.page.getByRole('radio', { name: peer }).check();
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

  openFirst(): Promise<void> {
    return this.openNamed('');
  }

  /** The first whose peer is called so. */
  async openNamed(peer: string): Promise<void> {
    await this.open();
    await this.rows.filter({ hasText: peer }).first().getByRole('link').click();
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

  /** Of the channel in front: what a force close was said to cost, and to give back. Agreed to, not yet done. */
  async beginForceClose(): Promise<{ readonly feeSat: bigint; readonly receivedSat: bigint }> {
    const { force } = channels.close;
    await this.link(channels.close.acts.close.action).click();
    await this.page.getByText(force.open).click();
    const told = this.page.getByRole('region', { name: force.title });
    const amounts = told.locator('p .amount .heard');
    await expect(amounts).toHaveCount(2);
    const [feeSat = 0n, receivedSat = 0n] = (await amounts.allTextContents()).map(satHeard);
    await expect(this.#force).toBeDisabled();
    await told.getByRole('checkbox', { name: force.agree }).check();
    return { feeSat, receivedSat };
  }
  async forceClose(): Promise<void> {
    await this.#force.click();
    await this.expectState('force-closing');
  }
  get #force(): Locator {
    return this.button(new RegExp(`^${channels.close.force.go}`));
  }

  /** Of the closing channel in front: each output that is still to come, how much, and when. */
  async stillComing(): Promise<
    readonly { readonly what: string; readonly sat: bigint; readonly when: string }[]
  > {
    const outputs = this.page
      .getByRole('region', { name: channels.closingMoney.title })
      .getByRole('listitem');
    await expect(outputs).not.toHaveCount(0);
    return Promise.all(
      (await outputs.all()).map(async (output) => ({
        what: (await output.locator('.line > span').first().innerText()).trim(),
        sat: await satIn(output),
        when: (await output.locator('.soft').innerText()).trim(),
      })),
    );
  }

  /** Of the closing channel in front, once there are so many: the transactions that bring its money home. */
  async movedBy(count: number): Promise<readonly string[]> {
    const found = this.page
      .getByRole('region', { name: channels.closingMoney.transactions })
      .getByRole('link');
    await expect(found).toHaveCount(count);
    const hrefs = await Promise.all((await found.all()).map((one) => one.getAttribute('href')));
    return hrefs.map((href) => href?.split('/').at(-1) ?? '');
  }

  async beginHurry(satPerVb: number): Promise<void> {
    await this.button(channels.hurry.action).click();
    await this.page.getByRole('radio', { name: send.fees.custom }).check();
    await this.page.getByLabel(send.fees.rate).fill(satPerVb.toString());
    await expect(fact(this.page, channels.hurry.extra)).toBeVisible();
  }
  /** @returns what was shown before the button */
  async hurry(): Promise<{ readonly extraSat: bigint; readonly feeSat: bigint }> {
    const extraSat = await factSat(this.page, channels.hurry.extra);
    const feeSat = await factSat(this.page, channels.hurry.fee);
    await this.button(new RegExp(`^${channels.hurry.go} [\\d,]+ sat`)).click();
    await expect(this.button(channels.hurry.action)).toBeVisible();
    return { extraSat, feeSat };
  }

  /** Closes the channel in front with its peer, who chooses the `fee` up to what is shown, or has no say. @returns what was promised before the button */
  async closeTogether(
    fee: 'at most' | 'exact',
  ): Promise<{ readonly feeSat: bigint; readonly receivedSat: bigint }> {
    const words = channels.close;
    const [cost, back, go] =
      fee === 'exact'
        ? [words.fee, words.receive, words.go]
        : [words.feeAtMost, words.receiveAtLeast, words.goAtLeast];
    await this.link(channels.close.acts.close.action).click();
    const feeSat = await factSat(this.page, cost);
    const receivedSat = await factSat(this.page, back);
    await this.button(new RegExp(`^${go} [\\d,]+ sat`)).click();
    await this.expectState('closing');
    return { feeSat, receivedSat };
  }
}

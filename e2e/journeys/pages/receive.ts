import type { Locator } from '@playwright/test';
import { expect } from './patient.ts';
import { lsp, receive } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { Screen } from './screen.ts';

export class Receive extends Screen {
  async open(): Promise<void> {
    await this.goTo(links.receive);
    await expect(this.code).toBeVisible();
  }

  /** Where an LSP could open the channel that is lacking. */
  async openEmpty(): Promise<void> {
    await this.goTo(links.receive);
    await expect(this.page.getByRole('heading', { name: lsp.first })).toBeVisible();
  }

  get code(): Locator {
    return this.button(receive.enlarge);
  }

  /** Asks for this much; the request is made anew. */
  async ask(amountSat: bigint | null, note = ''): Promise<void> {
    await this.button(new RegExp(`^(${receive.edit.open}|${receive.edit.change})$`)).click();
    await this.page.getByLabel(receive.amount, { exact: true }).fill(amountSat?.toString() ?? '');
    await this.page.getByLabel(receive.note).fill(note);
    await this.button(receive.apply).click();
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
    await expect(this.code).toBeVisible();
  }

  async invoice(): Promise<string> {
    return this.#apart(receive.invoice);
  }
  async address(): Promise<string> {
    return this.#apart(receive.address);
  }

  async expectReceived(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: receive.received.title, exact: true })).toBeVisible();
  }
  async expectSeen(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: receive.seen.title })).toBeVisible();
  }

  async #apart(name: string): Promise<string> {
    const details = this.page.locator('details').filter({ hasText: receive.apart });
    await details.evaluate((one: HTMLDetailsElement) => {
      one.open = true;
    });
    return (await details.getByRole('group', { name }).locator('code').innerText()).trim();
  }
}

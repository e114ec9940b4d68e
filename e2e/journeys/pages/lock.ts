import { lock } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { expect } from './patient.ts';
import { Screen } from './screen.ts';

/** The lock screen, and what settings do with the lock. */
export class Lock extends Screen {
  /** It is locked, and nothing of the wallet is on the screen. */
  async expectLocked(running: boolean): Promise<void> {
    await expect(this.page.getByRole('heading', { name: lock.locked.title })).toBeVisible();
    await expect(this.page.getByText(running ? lock.locked.running : lock.locked.stopped)).toBeVisible();
    await expect(this.page.locator('.amount')).toHaveCount(0);
    await expect(this.page.getByRole('navigation')).toHaveCount(0);
  }

  async unlock(passphrase: string): Promise<void> {
    await this.page.getByLabel(lock.fields.current, { exact: true }).fill(passphrase);
    await this.button(lock.locked.unlock).click();
  }

  async unlockWithPasskey(): Promise<void> {
    await this.button(lock.locked.withPasskey).click();
  }

  async lockNow(): Promise<void> {
    await this.goTo(links.settingsLock);
    await this.button(lock.settings.now).click();
  }

  async changePassphrase(present: string, next: string): Promise<void> {
    await this.goTo(links.settingsLock);
    await this.button(lock.settings.changePassphrase).click();
    const sheet = this.page.getByRole('dialog');
    await sheet.getByLabel(lock.fields.present, { exact: true }).fill(present);
    await sheet.getByLabel(lock.fields.next, { exact: true }).fill(next);
    await sheet.getByLabel(lock.fields.again, { exact: true }).fill(next);
    await sheet.getByRole('button', { name: lock.settings.changePassphrase, exact: true }).click();
  }

  /** To a wallet without a lock. */
  setPassphrase(next: string): Promise<void> {
    return this.#setPassphrase(next, lock.settings.setPassphrase);
  }

  /** To a wallet that only has passkeys. */
  setPassphraseByPasskey(next: string): Promise<void> {
    return this.#setPassphrase(next, lock.settings.confirmWithPasskey);
  }

  async #setPassphrase(next: string, confirm: string): Promise<void> {
    await this.goTo(links.settingsLock);
    await this.button(lock.settings.setPassphrase).click();
    const sheet = this.page.getByRole('dialog');
    await sheet.getByLabel(lock.fields.next, { exact: true }).fill(next);
    await sheet.getByLabel(lock.fields.again, { exact: true }).fill(next);
    await sheet.getByRole('button', { name: confirm, exact: true }).click();
  }

  async turnOff(passphrase: string): Promise<void> {
    await this.goTo(links.settingsLock);
    await this.button(lock.settings.turnOff).click();
    const sheet = this.page.getByRole('dialog');
    await sheet.getByLabel(lock.fields.current, { exact: true }).fill(passphrase);
    await sheet.getByRole('button', { name: lock.settings.turnOff, exact: true }).click();
  }

  async expectSaid(tag: keyof typeof lock.settings.done): Promise<void> {
    await expect(this.page.getByText(lock.settings.done[tag]).first()).toBeAttached();
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
  }
}

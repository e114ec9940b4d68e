import { expect } from './patient.ts';
import { backup, home, lock, setup } from '../../../web/i18n/en.ts';
import { Screen } from './screen.ts';

/** The first run. */
export class Setup extends Screen {
  /** Two steps, where the page knows one network: lock, words; these are written down, then checked. `passphrase`: null for no lock. @returns the words */
  async create(passphrase: string | null = null): Promise<readonly string[]> {
    await this.beginCreate();
    await this.lock(passphrase);
    const words = await this.words();
    await this.link(setup.words.next).click();
    await this.check(words);
    await expect(this.page.getByRole('region', { name: home.balance, exact: true })).toBeVisible();
    return words;
  }

  async beginCreate(): Promise<void> {
    await this.link(setup.welcome.create).click();
    await expect(this.page.getByRole('heading', { name: lock.choose.title })).toBeVisible();
  }

  /** The step of the lock, to its end. */
  async lock(passphrase: string | null = null): Promise<void> {
    const way = passphrase === null ? lock.choose.none : lock.choose.passphrase;
    await this.page.getByRole('radio', { name: way.label }).check();
    if (passphrase !== null) {
      await this.page.getByLabel(lock.fields.next, { exact: true }).fill(passphrase);
      await this.page.getByLabel(lock.fields.again, { exact: true }).fill(passphrase);
    }
    await this.page.locator('#lock button[type=submit]').click();
  }

  async words(): Promise<readonly string[]> {
    const list = this.page.getByRole('list', { name: setup.words.list });
    await expect(list.getByRole('listitem')).toHaveCount(12);
    return list.locator('.word').allInnerTexts();
  }

  async check(words: readonly string[]): Promise<void> {
    const fields = this.page.getByLabel(/^Word \d+$/);
    await expect(fields).toHaveCount(3);
    for (const [index, word] of words.entries()) {
      const field = this.page.getByLabel(setup.check.word(index + 1), { exact: true });
      if ((await field.count()) > 0) await field.fill(word);
    }
    await this.button(setup.check.next).click();
  }

  async beginRestore(): Promise<void> {
    await this.link(setup.welcome.restore).click();
  }

  async typeWords(text: string): Promise<void> {
    await this.page.getByLabel(setup.restore.label).fill(text);
    await this.button(setup.restore.next).click();
  }

  /** The step after the words: there were no channels to bring back. */
  async hadNoChannels(): Promise<void> {
    await this.link(backup.restore.skip).click();
  }
}

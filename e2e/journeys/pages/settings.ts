import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { expect } from './patient.ts';
import { lock, settings } from '../../../web/i18n/en.ts';
import type { Unit } from '../../../web/format/money.ts';
import type { Theme } from '../../../web/state/preferences.svelte.ts';
import { links } from '../../../web/state/routes.ts';
import { fact } from './amounts.ts';
import { Screen } from './screen.ts';

export class Settings extends Screen {
  open(): Promise<void> {
    return this.goTo(links.settings);
  }

  notifications(): Promise<void> {
    return this.goTo(links.settingsNotifications);
  }

  openLsps(): Promise<void> {
    return this.goTo(links.settingsLsps);
  }

  async nodeId(): Promise<string> {
    await this.goTo(links.settingsAbout);
    const id = this.page.getByText(/^0[23][0-9a-f]{64}$/);
    await expect(id).toBeVisible();
    return (await id.innerText()).trim();
  }

  async connect(uri: string): Promise<void> {
    await this.goTo(links.settingsPeers);
    await this.page.getByLabel(settings.peers.uri).fill(uri);
    await this.button(settings.peers.connect).click();
  }

  async expectConnected(): Promise<void> {
    await expect(this.page.getByText(settings.peers.states.connected).first()).toBeVisible();
  }

  async theme(name: Theme): Promise<void> {
    await this.open();
    await this.themeChoice(name).check();
  }
  themeChoice(name: Theme): Locator {
    return this.page.getByRole('radio', { name: settings.theme[name] });
  }

  async unit(name: Unit): Promise<void> {
    await this.open();
    await this.unitChoice(name).check();
  }
  unitChoice(name: Unit): Locator {
    return this.page.getByRole('radio', { name: settings.units[name] });
  }

  /** @returns the name of the file, and what is in it */
  async downloadLogs(): Promise<{ readonly name: string; readonly text: string }> {
    await this.goTo(links.settingsLogs);
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.button(settings.logs.download).click(),
    ]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  }

  openWords(): Promise<void> {
    return this.goTo(links.settingsWords);
  }
  async proveForWords(passphrase: string): Promise<void> {
    await this.page.getByLabel(lock.fields.current, { exact: true }).fill(passphrase);
    await this.button(settings.words.show).click();
  }

  async erase(): Promise<void> {
    await this.goTo(links.settingsErase);
    await this.page.getByRole('textbox').fill(settings.erase.word);
    await this.button(settings.erase.go).click();
  }

  get newestBlock() {
    return fact(this.page, settings.about.tip);
  }
}

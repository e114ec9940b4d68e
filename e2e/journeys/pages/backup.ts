import { backup } from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';
import { Screen } from './screen.ts';

/** Backups, and bringing them back. */
export class Backup extends Screen {
  open(): Promise<void> {
    return this.goTo(links.backup);
  }

  /** @returns where the browser put it */
  async saveFile(): Promise<string> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.button(backup.file.save).click(),
    ]);
    return download.path();
  }

  /** The other device is gone. */
  async beAlone(): Promise<void> {
    await this.page.getByLabel(backup.restore.alone).check();
  }

  /** `uri`: node id, host and port. */
  async askPeer(uri: string): Promise<void> {
    await this.beAlone();
    await this.page.getByLabel(backup.restore.peerText).fill(uri);
    await this.button(backup.restore.ask).click();
  }

  async restoreFile(path: string): Promise<void> {
    await this.beAlone();
    await this.page.getByLabel(backup.restore.choose).setInputFiles(path);
  }
}

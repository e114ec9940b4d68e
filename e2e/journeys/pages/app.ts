import type { Page } from '@playwright/test';
import { Activity } from './activity.ts';
import { Backup } from './backup.ts';
import { Channels } from './channels.ts';
import { Home } from './home.ts';
import { Lock } from './lock.ts';
import { Move } from './move.ts';
import { Psbt } from './psbt.ts';
import { Receive } from './receive.ts';
import { Send } from './send.ts';
import { Settings } from './settings.ts';
import { Setup } from './setup.ts';

/** One open page of the app, by its screens. */
export class App {
  readonly page: Page;
  readonly setup: Setup;
  readonly home: Home;
  readonly lock: Lock;
  readonly receive: Receive;
  readonly send: Send;
  readonly channels: Channels;
  readonly move: Move;
  readonly settings: Settings;
  readonly activity: Activity;
  readonly backup: Backup;
  readonly psbt: Psbt;

  constructor(page: Page) {
    this.page = page;
    this.setup = new Setup(page);
    this.home = new Home(page);
    this.lock = new Lock(page);
    this.receive = new Receive(page);
    this.send = new Send(page);
    this.channels = new Channels(page);
    this.move = new Move(page);
    this.settings = new Settings(page);
    this.activity = new Activity(page);
    this.backup = new Backup(page);
    this.psbt = new Psbt(page);
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }
}

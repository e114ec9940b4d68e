import { expect, type Page } from '@playwright/test';
import {
  activity,
  backup,
  channels,
  home,
  lock,
  lsp,
  move,
  psbt,
  push,
  receive,
  room,
  networkMap,
  send,
  settings,
} from '../../../web/i18n/en.ts';
import { links } from '../../../web/state/routes.ts';

type FixedLink = {
  [L in keyof typeof links]: (typeof links)[L] extends string ? L : never;
}[keyof typeof links];
type Place = Exclude<FixedLink, `setup${string}`>;

/** Every screen of a wallet in use that needs no id, and its title. A link without a title here is an error of types. */
const titles: { readonly [P in Place]: string } = {
  home: home.title,
  receive: receive.title,
  send: send.title,
  sendReview: send.review.title,
  activity: activity.title,
  channels: channels.title,
  channelOpen: channels.open.title,
  channelMove: move.title,
  room: room.title,
  backup: backup.title,
  backupRestore: backup.restore.title,
  psbt: psbt.title,
  psbtMake: psbt.making.title,
  psbtReview: psbt.review.title,
  settings: settings.title,
  settingsWords: settings.words.title,
  settingsStorage: settings.storage.title,
  settingsLock: lock.settings.title,
  settingsServers: settings.servers.title,
  settingsMap: networkMap.title,
  settingsPeers: settings.peers.title,
  settingsLsps: lsp.settings.title,
  settingsNotifications: push.title,
  settingsLogs: settings.logs.title,
  settingsAbout: settings.about.title,
  settingsErase: settings.erase.title,
};

/** Goes to one after another, and has each in front: the screen before stays until the next one is there. */
export async function eachPlace(
  page: Page,
  visit: (name: string) => Promise<void>,
  except: readonly Place[] = [],
): Promise<void> {
  for (const [name, title] of Object.entries(titles)) {
    if ((except as readonly string[]).includes(name)) continue;
    await page.evaluate(
      (to) => {
        location.hash = to;
      },
      links[name as Place],
    );
    await expect(page.locator('h1')).toHaveText(title);
    await visit(name);
  }
}

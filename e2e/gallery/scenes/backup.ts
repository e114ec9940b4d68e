import type { Page } from '@playwright/test';
import { backup as words } from '../../../web/i18n/en.ts';
import { backup, backupPeer, channel, NOW, snapshots } from '../../../web/testkit/snapshots.ts';
import { open, wallet, type Scene } from '../scene.ts';

const hash = '#/backup';
const twoPeers = [backupPeer(0), backupPeer(1, { sent: { counter: 12, at: NOW - 3_700 } })];

/** Whether the browser said that it keeps the data. */
const browserKeeps =
  (kept: boolean) =>
  async (page: Page): Promise<void> => {
    await page.evaluate((answer) => {
      navigator.storage.persisted = () => Promise.resolve(answer);
      navigator.storage.persist = () => Promise.resolve(answer);
    }, kept);
    // Drawn anew with that answer.
    await page.evaluate(() => (location.hash = '#/settings'));
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.evaluate(() => (location.hash = '#/backup'));
    await page.getByRole('heading', { level: 1, name: words.title }).waitFor();
  };

export const backups: readonly Scene[] = [
  {
    name: 'backup-all-well',
    hash,
    scenario: () =>
      wallet({
        snapshots: snapshots({
          channels: [channel(0, 'ready', 300_000n, 200_000n), channel(1, 'ready', 300_000n, 200_000n)],
          backup: backup({
            counter: 12,
            channels: 2,
            peers: twoPeers,
            file: { counter: 12, at: NOW - 2 * 86_400 },
            keptForPeers: 2,
          }),
        }),
      }),
    steps: browserKeeps(true),
  },
  {
    name: 'backup-searching-the-chain',
    hash,
    scenario: () =>
      wallet({
        snapshots: snapshots({
          backup: backup({
            search: { keysChecked: 420, keysTotal: 1_000, rounds: 0, foundSat: 182_344n, nextHeight: null },
          }),
        }),
      }),
    steps: browserKeeps(true),
  },
  {
    name: 'backup-new-wallet',
    hash,
    scenario: () => wallet({ state: open(false), snapshots: snapshots() }),
    steps: browserKeeps(false),
  },
  {
    name: 'backup-no-copy',
    hash,
    scenario: () =>
      wallet({
        snapshots: snapshots({
          channels: [channel(0, 'ready', 300_000n, 200_000n)],
          backup: backup({
            counter: 3,
            channels: 1,
            peers: [backupPeer(0, { state: 'not-offered', sent: null, checkedAt: null })],
          }),
        }),
      }),
    steps: async (page) => {
      await browserKeeps(false)(page);
      await page.getByRole('button', { name: words.browser.askLabel }).click();
      await page.getByText(words.browser.refused).waitFor();
    },
  },
  {
    name: 'backup-peers-every-state',
    hash,
    scenario: () =>
      wallet({
        snapshots: snapshots({
          channels: [channel(0, 'ready', 300_000n, 200_000n)],
          backup: backup({
            counter: 40,
            channels: 7,
            isBehind: true,
            peers: [
              backupPeer(0, { isBrief: true }),
              backupPeer(1, { state: 'pending', sent: null, checkedAt: null }),
              backupPeer(2, { state: 'outdated' }),
              backupPeer(3, { state: 'missing' }),
              backupPeer(4, { state: 'not-offered', sent: null, checkedAt: null, alias: 'W'.repeat(40) }),
              backupPeer(5, { state: 'unknown', connected: false, sent: null, checkedAt: null }),
              backupPeer(6, { state: 'shared', sent: null }),
              backupPeer(7, { state: 'from-later', sent: null }),
            ],
            file: { counter: 12, at: NOW - 30 * 86_400 },
          }),
        }),
      }),
    steps: browserKeeps(true),
  },
  {
    name: 'backup-coming-home',
    hash,
    scenario: () =>
      wallet({
        snapshots: snapshots({
          channels: [
            channel(0, 'data-loss', 300_000n, 200_000n, { isUsable: false }),
            channel(1, 'data-loss', 300_000n, 200_000n, { isUsable: false }),
            channel(2, 'frozen', 300_000n, 200_000n, { isUsable: false }),
          ],
          backup: backup({
            counter: 12,
            channels: 3,
            peers: twoPeers,
            file: { counter: 12, at: NOW - 7_200 },
          }),
        }),
      }),
    steps: browserKeeps(true),
  },
  {
    name: 'backup-restore',
    hash: '#/backup/restore',
    scenario: () => wallet(),
    steps: (page) => page.getByRole('button', { name: words.restore.known }).waitFor(),
  },
  {
    name: 'backup-restore-not-alone',
    hash: '#/backup/restore',
    scenario: () => wallet(),
    steps: async (page) => {
      await page.getByRole('button', { name: words.restore.known }).click();
      await page.getByText(words.restore.aloneMissing).waitFor();
    },
  },
  {
    name: 'backup-restore-found',
    hash: '#/backup/restore',
    scenario: () => wallet(),
    steps: async (page) => {
      await page.getByRole('button', { name: words.restore.known }).waitFor();
      await page.getByLabel(words.restore.alone).check();
      await page
        .getByLabel(words.restore.choose)
        .setInputFiles({ name: 'a.leyden', mimeType: 'application/octet-stream', buffer: Buffer.from('x') });
      await page.getByText(words.restore.found(2)).waitFor();
    },
  },
  {
    name: 'backup-restore-other-words',
    hash: '#/backup/restore',
    scenario: () =>
      wallet({
        backup: {
          restore: () =>
            Promise.resolve({
              ok: false,
              error: { code: 'backup-unreadable', reason: 'other-words' },
            } as const),
        },
      }),
    steps: async (page) => {
      await page.getByRole('button', { name: words.restore.known }).waitFor();
      await page.getByLabel(words.restore.alone).check();
      await page
        .getByLabel(words.restore.choose)
        .setInputFiles({ name: 'a.leyden', mimeType: 'application/octet-stream', buffer: Buffer.from('x') });
      await page.getByRole('alert').waitFor();
    },
  },
];

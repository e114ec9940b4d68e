import type { RefusalTexts } from './texts.ts';

const later = {
  bolt12: 'reusable Lightning offers',
  lnurl: 'LNURL links',
  bip353: 'payment names like ₿name@domain',
  routing: 'payments to nodes you have no channel with',
} as const;

const unreadable = {
  'not-a-backup': {
    sentence: ['This file is not a backup of Leyden.'],
    next: ['Choose the file whose name begins with “leyden-backup”.'],
  },
  'newer-version': {
    sentence: ['This backup was made by a newer version of Leyden.'],
    next: ['Reload the page to get that version, then try again.'],
    action: 'reload',
  },
  'other-words': {
    sentence: ['This backup does not open with your recovery words.'],
    next: ['It belongs to another wallet, or the file was changed or cut. Choose another one.'],
  },
  'other-network': {
    sentence: ['This backup belongs to another Bitcoin network.'],
    next: ['Restore the words again on that network, then choose the file.'],
  },
  damaged: {
    sentence: ['This backup opens, but what is in it cannot be read.'],
    next: ['Choose an older one if you have it. Nothing was changed.'],
  },
} as const;

export const nodeRefusals: RefusalTexts<
  | 'not-running'
  | 'already-running'
  | 'open-elsewhere'
  | 'storage-failed'
  | 'storage-full'
  | 'storage-blocked'
  | 'storage-lost'
  | 'storage-too-new'
  | 'storage-corrupt'
  | 'wallet-exists'
  | 'no-wallet'
  | 'part-missing'
  | 'internal'
  | 'invalid-config'
  | 'not-yet'
  | 'backup-unreadable'
  | 'runs-elsewhere'
> = {
  'not-running': () => ({
    sentence: ['The wallet is still starting.'],
    next: ['Try again in a moment.'],
    action: 'retry',
  }),
  'already-running': () => ({
    sentence: ['The wallet is running already.'],
    next: ['There is nothing to do.'],
  }),
  'open-elsewhere': () => ({
    sentence: ['Your wallet is open in another tab.'],
    next: ['Use that tab, or reload this one to continue here.'],
    action: 'reload',
  }),
  'storage-failed': () => ({
    sentence: ['Your browser did not save or read the wallet’s data.'],
    next: ['Nothing was done. Free some disk space, then try again.'],
    action: 'retry',
  }),
  'storage-full': () => ({
    sentence: ['There is no room left for the wallet’s data.'],
    next: ['Nothing was done. Free some disk space, then try again.'],
    action: 'retry',
  }),
  'storage-blocked': () => ({
    sentence: ['A tab with an older version of Leyden keeps the wallet’s data to itself.'],
    next: ['Close the other tabs of this page, then try again.'],
    action: 'retry',
  }),
  'storage-lost': () => ({
    sentence: ['Your browser took the wallet’s data away while it was in use.'],
    next: ['Whether this was done shows once the data is back. Reload the page.'],
    action: 'reload',
  }),
  'storage-too-new': () => ({
    sentence: ['Your wallet was last opened by a newer version of Leyden.'],
    next: ['Reload the page to get that version.'],
    action: 'reload',
  }),
  'storage-corrupt': () => ({
    sentence: ['What this browser kept of your wallet is damaged.'],
    next: ['Nothing was changed. Details name the part. Your words and your backup bring it back elsewhere.'],
  }),
  'wallet-exists': () => ({
    sentence: ['There is a wallet in this browser already.'],
    next: ['To use other words, erase it in Settings first.'],
    action: 'home',
  }),
  'part-missing': () => ({
    sentence: ['A part of Leyden did not load.'],
    next: ['Nothing was done. Check your connection, then reload the page.'],
    action: 'reload',
  }),
  'no-wallet': () => ({
    sentence: ['There is no wallet in this browser.'],
    next: ['Reload the page to create or restore one.'],
    action: 'reload',
  }),
  internal: () => ({
    sentence: ['Something in the wallet went wrong.'],
    next: [
      'Nothing more was done. Try again; if it stays, report it with these details and the logs in Settings.',
    ],
    action: 'retry',
  }),
  'invalid-config': () => ({
    sentence: ['One of the servers is not written right.'],
    next: ['Details name the line. Addresses start with https:// or wss://.'],
    action: 'servers',
  }),
  'backup-unreadable': ({ reason }) => unreadable[reason],
  'runs-elsewhere': () => ({
    sentence: ['Another device may still run your channels.'],
    next: ['Nothing was done. If that device is gone, open Bring channels back and say so.'],
  }),
  'not-yet': ({ what }) => ({
    sentence: [`Leyden does not know ${later[what]} yet.`],
    next: ['Ask for a Lightning invoice or a bitcoin address instead.'],
  }),
};

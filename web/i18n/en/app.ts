import { sat, type Phrase } from '../phrase.ts';

export const app = {
  name: 'Leyden',
  nav: {
    label: 'Main',
    home: 'Home',
    activity: 'Activity',
    channels: 'Lightning',
    settings: 'Settings',
    skip: 'Skip to content',
  },
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  done: 'Done',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  copyRefused: 'The browser did not let this page copy. Select the text and copy it yourself.',
  copyOf: (what: string) => `Copy ${what}`,
  share: 'Share',
  details: 'Details',
  notKnownYet: 'not known yet',
  broken: 'The wallet did not start',
  stuck: {
    sentence: 'What reads your wallet does not answer.',
    next: 'Wait a little, or reload. Your wallet stays as it is.',
  },
  before: { text: 'If an update is what broke it, you can', link: 'use the version before' },
  retry: 'Try again',
  showIn: { sat: 'Show in satoshis', btc: 'Show in bitcoin' },
  direction: { incoming: 'received', outgoing: 'sent' },
  moving: { incoming: 'coming in', outgoing: 'going out' },
  opening: 'Opening your wallet',
  partMissing: {
    title: 'This part of the page did not load',
    next: 'Check your connection, then reload. Your wallet is not affected.',
    reload: 'Reload',
  },
  notFound: { title: 'Nothing here', next: 'This address leads nowhere in your wallet.', home: 'Go home' },
  elsewhere: {
    title: 'Your wallet is open in another tab',
    text: 'Only one tab at a time may move your money. Use the other tab, or continue here.',
    otherBuild:
      'The other tab runs another version of this page, so what it shows is not read here. Reload both tabs, or continue here.',
    reload: 'Reload this tab',
    takeOver: 'Use here',
    taking: 'Waiting for the other tab to let go',
    stuck: 'The other tab has not let go of the wallet.',
    stuckNext:
      'It may be asleep, or busy saving. Close it and try again, or use the wallet here anyway: the other tab can then change nothing any more.',
    force: 'Use here anyway',
  },
  gone: {
    title: 'Your wallet’s data is gone',
    text: 'This browser kept a wallet here, and now it is empty. Browsers remove a site’s data when space is short, or when somebody clears it. Nobody erased it from this page.',
    money: 'What brings your money back',
    ways: [
      'On-chain money comes back with your recovery words.',
      'Money in channels comes back with your words and a backup file, or a peer that keeps one for you. The other side then closes the channel.',
    ],
    restore: 'Restore with your words',
    anew: 'Begin with a new wallet',
    instead: {
      title: 'Begin with a new wallet',
      text: 'A new wallet has other words and holds nothing. The money of the old one stays where it is, and only its own words bring it back.',
      later:
        'You can restore the old wallet later: in another browser, or here once the new one is erased. Channels may cost you money if you wait long.',
      confirm: (word: string) => `Type “${word}” to go on`,
      word: 'new',
      go: 'Begin anew',
    },
  },
  unreadable: {
    'storage-failed': {
      title: 'Your wallet could not be read',
      text: 'Nothing was changed and nothing is lost. The browser did not let this page read its data.',
      steps: [
        'Wait a moment: the data is looked at again by itself.',
        'If this stays, restart the browser. Do not clear its data for this site.',
      ],
    },
    'storage-full': {
      title: 'There is no room for your wallet',
      text: 'Nothing was changed and nothing is lost. To be safe, the wallet opens only where it can save.',
      steps: [
        'Free some space: on the disk of this device, or in the browser’s data of other sites.',
        'The wallet opens by itself as soon as there is room.',
        'Do not clear the data of this site.',
      ],
    },
    'storage-blocked': {
      title: 'An older tab keeps your wallet’s data',
      text: 'Nothing was changed. A tab with an older version of this page has not let go of the data yet.',
      steps: [
        'Close all other tabs of this page, also in other windows.',
        'The wallet opens by itself as soon as they are closed.',
      ],
    },
    'storage-lost': {
      title: 'Your browser took the wallet’s data away',
      text: 'It closed or removed the data while the wallet was open. The wallet stopped at once, so that it says nothing that it cannot save.',
      steps: [
        'Wait a moment: the data is looked at again by itself.',
        'If this stays, restart the browser. Do not clear its data for this site.',
      ],
    },
    'storage-corrupt': {
      title: 'Your wallet’s data is damaged',
      text: 'Something other than this page changed what this browser kept. Nothing was written over it.',
      steps: [
        'Restart the browser, then try again. Do not clear its data for this site.',
        'If it stays, restore your wallet from its words in another browser.',
      ],
    },
    'storage-too-new': {
      title: 'This page is older than your wallet',
      text: 'Your wallet was last opened by a newer version of Leyden. To keep your money safe, this one does not touch it.',
      steps: [
        'Reload the page to get the newest version.',
        'If that does not help, wait a few minutes and try again.',
      ],
    },
  },
  alarms: {
    bug: {
      title: 'Something in the wallet went wrong',
      next: 'The part concerned has stopped so that no money is at risk. Save the logs in Settings and report it.',
    },
    'frozen-channel': {
      title: 'A channel is paused',
      next: 'Leyden made a mistake in it and stopped it there, so nothing is signed in it and no money is at risk. Reload the page; if it stays, save the logs in Settings and report it. You can also close the channel.',
    },
    storage: {
      title: 'Your browser is not saving data',
      next: 'Payments are paused, and go on by themselves once it saves. Keep this page open; if this stays, reload it.',
    },
    'storage-full': {
      title: 'There is no room to save',
      next: 'Payments are paused, and go on by themselves once there is room. Free some disk space and keep this page open.',
    },
    'double-spent': {
      title: 'A channel may not be real',
      next: 'Whoever opened it to you is spending its coins elsewhere, before the chain confirmed them. Nothing is received through it until the chain has decided. What came through it since it was opened may be lost.',
    },
    'unseen-funding': {
      title: 'A channel is not on the chain yet',
      next: 'You trusted the LSP that opened it to do so after a payment, and it has not. Nothing more is received through it until it does. If it stays so, ask the LSP, and buy no more from it.',
    },
    'turned-away': {
      title: 'A payment was turned away',
      next: 'It was more than this wallet takes before its recovery words are written down, and is back with whoever sent it. Write the words down, then ask for it again.',
    },
    'runs-elsewhere': {
      title: 'Another device may still run your channels',
      next: 'This one does not touch them. Use them there. If that device is gone, bring them here: they are closed, and your money returns on-chain.',
    },
    'backup-from-later': {
      title: 'A newer Leyden has been used with these words',
      next: 'A peer keeps a backup that this version cannot read, and it is left as it is. Reload the page to get the newer version.',
    },
    'claim-unpaid': {
      title: 'A closed channel needs coins to pay you',
      next: 'Receive some on-chain: they pay the fee of taking what it holds for you.',
      inTime: (amountSat: bigint, missingSat: bigint, wait: string): Phrase => [
        'Only the chain can bring you ',
        sat(amountSat),
        ' of it, and the fee for that is not there. Receive ',
        sat(missingSat),
        ` on-chain within ${wait}: after that, the other side can take your money back. Leyden then does the rest by itself, and what it does not need stays yours.`,
      ],
      late: (amountSat: bigint, missingSat: bigint): Phrase => [
        'It held ',
        sat(amountSat),
        ' for you, which the other side can take back by now. Receive ',
        sat(missingSat),
        ' on-chain at once: as long as it has not done so, Leyden still takes it for you.',
      ],
    },
    'data-loss': {
      title: 'This device had an old copy of a channel',
      next: 'The channel is not used any more, so that nothing can be lost. Its peer is asked to close it, and your money returns on-chain. Keep this page open now and then until it has.',
    },
  },
  chain: {
    asOf: (time: string) => `Confirmed money is as of ${time}.`,
    never: 'Confirmed money is not checked yet.',
    syncing: 'Checking the chain',
    check: 'Check servers',
  },
  newVersion: {
    ready: 'A new version of Leyden is here.',
    waiting: 'A new version of Leyden is here. It waits until your payment has ended.',
    otherTabs: 'Close the other tabs of Leyden first, then reload.',
    beginning: 'Reloading',
  },
  servers: {
    own: {
      title: 'Your servers cannot be read',
      text: 'This wallet uses the ones of this page instead of those that you chose.',
      next: 'Choose yours again in Settings.',
    },
    page: {
      title: 'The page’s servers cannot be read',
      text: 'The list that this page offers (config.json) is not as it should be, so this wallet reaches neither the chain nor its peers.',
      next: 'Enter servers in Settings, or tell whoever runs this page.',
    },
    kept: {
      title: 'The page’s servers cannot be read',
      text: 'This wallet uses the ones that it had when you last changed some.',
      next: 'Check them in Settings, or tell whoever runs this page.',
    },
    choose: 'Servers',
  },
  notices: {
    label: 'News',
    received: 'Received',
    sent: 'Sent',
    moved: 'Moved between channels',
    failed: 'A payment was not sent',
    outcomeUnknown: 'It is not known whether a payment was made',
    channelReady: 'A channel is ready to use',
    channelPending: 'A channel is being opened',
    channelClosed: 'A channel is closing',
    channelVoid: 'A channel did not come about',
    onchainReceived: 'Coming in on-chain',
    onchainConfirmed: 'Received on-chain',
    look: 'Look',
  },
} as const;

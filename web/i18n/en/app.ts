export const app = {
  name: 'Leyden',
  nav: { label: 'Main', home: 'Home', activity: 'Activity', channels: 'Lightning', settings: 'Settings' },
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  done: 'Done',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  copyOf: (what: string) => `Copy ${what}`,
  share: 'Share',
  details: 'Details',
  retry: 'Try again',
  optional: 'optional',
  showIn: { sat: 'Show in satoshis', btc: 'Show in bitcoin' },
  direction: { incoming: 'received', outgoing: 'sent' },
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
    takeOver: 'Use here',
    taking: 'Waiting for the other tab to let go',
  },
  unreadable: {
    'storage-failed': {
      title: 'Your wallet could not be read',
      text: 'Nothing was changed and nothing is lost. The browser did not let this page read its data.',
      steps: [
        'Close other tabs and programs that may fill the disk, then try again.',
        'If this keeps happening, restart the browser. Do not clear its data for this site.',
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
      next: 'Its state could not be saved, so nothing is signed in it. It goes on by itself once saving works. Free some disk space.',
    },
    storage: {
      title: 'Your browser is not saving data',
      next: 'Payments are paused. Free some disk space and keep this page open.',
    },
    'peer-lost-data': {
      title: 'A peer has lost its data',
      next: 'The channel with it is closing and your money returns on-chain. There is nothing to do.',
    },
  },
  chain: {
    unreachable: 'Chain servers are not reachable',
    asOf: (time: string) => `Confirmed money is as of ${time}.`,
    never: 'Confirmed money is not checked yet.',
    syncing: 'Checking the chain',
    check: 'Check servers',
  },
  notices: {
    received: 'Received',
    sent: 'Sent',
    failed: 'A payment was not sent',
    channelReady: 'A channel is ready to use',
    channelPending: 'A channel is being opened',
    channelClosed: 'A channel is closing',
    onchainReceived: 'Coming in on-chain',
    look: 'Look',
  },
} as const;

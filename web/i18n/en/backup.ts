import { places } from './places.ts';

export const backup = {
  title: 'Backup and safety',
  summary: {
    good: 'Your money comes back if this device is lost.',
    words: 'Write down your words first. Nothing else works without them.',
    file: 'Your words bring back on\u2011chain money. For money in channels, save a backup file too.',
    ask: 'The file in your folder is older than your channels. Allow this page to write to it.',
    failed:
      'The file in your folder is older than your channels. Choose another folder, or save a file by hand.',
    stale: 'Your channels have changed since the backup file was saved. Save it again.',
    unkept: 'This browser may remove the wallet by itself. A backup file makes that harmless.',
  },
  lost: {
    title: (count: number) =>
      count === 1 ? 'A channel is coming home' : `${count} channels are coming home`,
    text: 'Their state here may be old, so they are not used any more. Their peers are asked to close them, and your money returns on-chain. Open this page now and then until it has.',
    look: places.channels,
  },
  paused: {
    title: (count: number) => (count === 1 ? 'A channel is paused' : `${count} channels are paused`),
    text: 'Something went wrong in it, so nothing is signed. Reload the page; if it stays, save a backup file and report it.',
  },
  words: {
    title: 'Recovery words',
    yes: 'Written down and checked',
    no: 'Not written down yet',
    write: places.words,
    show: 'Show',
    showLabel: 'Show the recovery words',
  },
  peers: {
    title: 'Copies with peers',
    none: 'You have no channels, so there is nothing for peers to keep.',
    text: 'Sealed, so that only your words open it.',
    states: {
      kept: 'Keeps your backup',
      pending: 'Is about to be given your backup',
      unknown: 'Not connected yet',
      'not-offered': 'Does not keep backups',
      outdated: 'Showed an older copy last time; it was given the new one',
      missing: 'Had lost your backup last time; it was given the new one',
      'from-later':
        'Keeps a copy that a newer Leyden made, which is left as it is. Reload to get that version',
      shared:
        'Keeps the copy of another device with your words, and has no room for this one’s beside it. Save a backup file here',
    },
    brief: 'Short form: enough to find the channel',
    sent: (when: string) => `given ${when}`,
    checked: (when: string) => `checked ${when}`,
    keeping: (count: number) =>
      count === 1 ? 'You keep one for a peer in return.' : `You keep ${count} for peers in return.`,
  },
  search: {
    title: 'Money of closed channels',
    looking: (percent: number) =>
      `Your words were restored, so the chain is searched for what peers paid you: ${percent} %. Keep this page open; it takes some ten minutes.`,
    looked: 'Searched. A peer may close a channel later, so it is searched again from time to time.',
    found: 'Found, and on its way to your wallet:',
  },
  file: {
    title: 'Backup file',
    never: 'Never saved',
    saved: (when: string) => `Saved ${when}`,
    changed: 'channels have changed since',
    current: 'up to date',
    text: 'Keep it anywhere, also in a cloud: without your words nobody can open it.',
    save: 'Save backup file',
    again: 'Save the file again',
    saving: 'Making the file',
  },
  folder: {
    title: 'A folder that stays up to date',
    none: 'Choose a folder, and the backup file in it is renewed whenever your channels change.',
    ready: (name: string) => `The file in “${name}” is renewed whenever your channels change.`,
    ask: (name: string) => `The browser wants your permission again to write to “${name}”.`,
    failed: (name: string) => `The last file could not be written to “${name}”. Is it still there?`,
    unsupported: 'This browser cannot write to a folder by itself. Save the file by hand now and then.',
    choose: 'Choose a folder',
    another: 'Choose another',
    allow: 'Allow',
    allowLabel: 'Allow writing to the folder',
    stop: 'Stop',
    stopLabel: 'Stop renewing the file in the folder',
  },
  browser: {
    title: 'Data in this browser',
    kept: 'The browser has agreed to keep it.',
    mayGo: 'The browser may remove it when space is short.',
    unknown: 'This browser does not say whether it keeps it.',
    ask: 'Ask',
    askLabel: 'Ask the browser to keep the data',
    refused:
      'It said no. Adding this page to your home screen often changes its mind; a backup file helps either way.',
  },
  ago: {
    now: 'just now',
    before: (length: string) => `${length} ago`,
  },
  restore: {
    link: 'Bring channels back',
    title: 'Bring channels back',
    text: 'Words find on-chain money by themselves. Channels come back from a backup file, or from a peer that keeps a copy. They are closed by their peers, and the money returns on-chain.',
    alone: 'The device with these channels is gone, or does not open this wallet any more',
    aloneHint:
      'If it still works, leave the channels there and use it for them: brought here, they are closed. Two devices cannot run the same channels.',
    aloneMissing: 'Say first that no other device runs these channels.',
    file: 'From a backup file',
    choose: 'Choose the file',
    reading: 'Reading the file',
    peer: 'From a peer',
    peerText: 'Or the address of a node that you had a channel with',
    ask: 'Ask this peer',
    asking: 'Asking the peer',
    known: 'Ask the peers that this page knows',
    askingKnown: 'Asking them, one after another',
    found: (count: number) => (count === 1 ? 'One channel was found.' : `${count} channels were found.`),
    stopped: (count: number) =>
      count === 1
        ? 'One channel here was old and is not used any more.'
        : `${count} channels here were old and are not used any more.`,
    nothingNew: 'This backup has nothing that is not here already.',
    made: (when: string) => `The backup was made ${when}.`,
    after:
      'Their peers are asked to close them. The money shows as “returning” until it is here, usually within a day.',
    none: 'Nothing was given back. Ask another peer, or choose a backup file.',
    done: 'Done',
    skip: 'Bring no channels here',
    toRestore: places.restore,
  },
} as const;

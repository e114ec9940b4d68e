export const push = {
  link: 'Notifications',
  title: 'Notifications',
  text: 'When a payment comes while this page is closed, your LSP holds it and this device tells you. Open the wallet, and the payment arrives.',
  privacy: (relay: string) =>
    `Your LSP and the relay ${relay} learn that this device has a wallet, and when it is woken. They learn nothing of what you hold.`,
  on: 'On',
  off: 'Off',
  turnOn: 'Turn on',
  turningOn: 'Turning on',
  turnOff: 'Turn off',
  states: {
    on: 'Notifications are on.',
    off: 'Notifications are off.',
    no: 'This browser does not allow notifications from this page. Its site settings can change that.',
    unsupported:
      'This browser has no notifications for closed pages. On an iPhone, add the page to the home screen first.',
  },
  browser: {
    sentence: 'The browser could not reach its own push service.',
    next: [
      'Try again later, or in another browser. Until then keep the page open while you wait for a payment.',
    ],
  },
  wakes: (lsp: string) => `${lsp} wakes this device`,
  doesNot: (lsp: string) => `${lsp} does not wake this device`,
} as const;

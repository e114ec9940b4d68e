import { no } from '../../../web/testkit/fake-wallet.ts';
import { NOW, hex, onchain, page, payment, peer } from '../../../web/testkit/snapshots.ts';
import type { PeerTrouble } from '../../../engine/node/refusal.ts';
import type { ServersTrouble } from '../../../engine/node/service-api.ts';
import { open, wallet, type Scene } from '../scene.ts';
import { everyday, full } from '../wallets.ts';

const logs = Array.from({ length: 60 }, (_, index) => ({
  at: NOW - 600 + index * 10,
  level: index % 9 === 4 ? 'warn' : 'info',
  scope: ['peer', 'chain', 'channel', 'payment'][index % 4] ?? 'node',
  message:
    index % 9 === 4
      ? `no answer from 127.0.0.1:3002 after ${index} s`
      : `tip ${868_400 + index} ${hex(index, 8)}`,
}));

/** By the operator of the page. */
const offered = {
  esplora: ['https://esplora.example'],
  proxies: ['wss://proxy.example'],
  snapshots: ['https://rgs.example/snapshot'],
  scores: [],
  peers: [],
  lsps: [],
  lspFeeLimitSat: 50_000,
  pushRelay: null,
  faucet: null,
};
const own = { toSelf: true, direction: 'outgoing' } as const;
const toSelf = [
  payment(1, { ...own, amountMsat: 50_000_000n, feeMsat: 2_000n, description: 'Moved between channels' }),
  onchain(2, { ...own, amountMsat: 141_000n, feeMsat: null }),
  payment(3),
];
const withPayments = (payments: typeof toSelf) => () => {
  const base = everyday();
  return { ...base, payments, snapshots: { ...base.snapshots, payments: page(payments) } };
};
const withOwn = withPayments(toSelf);
const unknown = payment(4, {
  direction: 'outgoing',
  state: 'failed',
  preimage: null,
  failure: { code: 'outcome-unknown', detail: 'the channel’s newest state was lost' },
});

const troubles = [
  'asks-for-channels',
  'floods',
  'does-not-read',
  'broke-rule',
  'garbled',
  'another-node',
  'silent',
] as const satisfies readonly PeerTrouble[];

const misread = (list: ServersTrouble['list'], detail: string) => () =>
  everyday({ state: { ...open(), serversTrouble: { list, detail } } });

export const rest: readonly Scene[] = [
  { name: 'activity-to-oneself', hash: '#/activity', scenario: withOwn },
  { name: 'payment-moved', hash: `#/activity/${hex(1)}`, scenario: withOwn },
  { name: 'payment-to-oneself', hash: `#/activity/${hex(2)}`, scenario: withOwn },
  { name: 'home-own-servers-unread', hash: '#/', scenario: misread('own', 'servers: newer-version') },
  { name: 'home-page-servers-unread', hash: '#/', scenario: misread('page', 'config.json: no JSON') },
  { name: 'home-kept-servers', hash: '#/', scenario: misread('kept', 'networks.mainnet: not offered') },
  {
    name: 'settings-servers-unread',
    hash: '#/settings/servers',
    scenario: misread('own', 'servers: newer-version'),
  },
  { name: 'activity-empty', hash: '#/activity', scenario: () => wallet() },
  { name: 'activity-everyday', hash: '#/activity', scenario: () => everyday() },
  { name: 'activity-full', hash: '#/activity', scenario: () => full() },
  {
    name: 'activity-failing',
    hash: '#/activity',
    scenario: () => full({ node: { listPayments: () => Promise.reject(new Error('the worker is gone')) } }),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'payment', hash: `#/activity/${hex(1)}`, scenario: () => everyday() },
  { name: 'payment-confirming', hash: `#/activity/${hex(30)}`, scenario: () => everyday() },
  { name: 'payment-failed', hash: `#/activity/${hex(4)}`, scenario: () => full() },
  {
    name: 'payment-unknown',
    hash: `#/activity/${unknown.id}`,
    scenario: withPayments([unknown, payment(3)]),
    steps: (at) => at.getByText('It may have been paid').waitFor(),
  },
  { name: 'payment-full', hash: `#/activity/${hex(5)}`, scenario: () => full() },
  {
    name: 'payment-label',
    hash: `#/activity/${hex(1)}`,
    scenario: () => everyday(),
    steps: (page) => page.getByRole('button', { name: 'Add a label' }).click(),
  },
  { name: 'payment-missing', hash: `#/activity/${hex(251)}`, scenario: () => everyday() },
  { name: 'settings', hash: '#/settings', scenario: () => everyday({ state: open(false) }) },
  { name: 'settings-storage', hash: '#/settings/storage', scenario: () => everyday() },
  { name: 'settings-words', hash: '#/settings/words', scenario: () => everyday() },
  {
    name: 'settings-words-wrong',
    hash: '#/settings/words',
    scenario: () => everyday({ service: { revealWords: () => no({ code: 'wrong-passphrase' }) } }),
    steps: async (page) => {
      await page.getByLabel('Your passphrase').fill('not this one');
      await page.getByRole('button', { name: 'Show the words' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'settings-words-shown',
    hash: '#/settings/words',
    scenario: () => everyday(),
    steps: async (page) => {
      await page.getByLabel('Your passphrase').fill('a long passphrase');
      await page.getByRole('button', { name: 'Show the words' }).click();
    },
  },
  { name: 'settings-servers', hash: '#/settings/servers', scenario: () => everyday() },
  {
    // Put back to what the operator has: shown first, then saved.
    name: 'settings-servers-offered',
    hash: '#/settings/servers',
    scenario: () =>
      everyday({
        servers: { esplora: ['https://mine.example'], pushRelay: 'https://push.mine.example' },
        offered,
        service: {
          setServers: ({ esplora, proxies, pushRelay }) =>
            esplora[0] === offered.esplora[0] && proxies[0] === offered.proxies[0] && pushRelay === null
              ? Promise.resolve({ ok: true, value: undefined })
              : no({ code: 'internal', detail: 'saved something else than was shown' }),
        },
      }),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Use what this page offers' }).click();
      await page.getByRole('button', { name: 'Save servers' }).click();
      await page.getByText('Servers saved.').waitFor();
    },
  },
  {
    name: 'settings-servers-own',
    hash: '#/settings/servers',
    scenario: () => everyday({ servers: { esplora: ['https://mine.example'] }, offered }),
    steps: (page) => page.getByRole('button', { name: 'Use what this page offers' }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'settings-servers-refused',
    hash: '#/settings/servers',
    scenario: () =>
      everyday({
        servers: { proxies: [] },
        service: {
          setServers: () =>
            no({
              code: 'invalid-config',
              field: 'servers.esplora[0]',
              detail: 'a URL that starts with https://',
            }),
        },
      }),
    steps: async (page) => {
      await page.getByRole('textbox').first().fill('mempool.space');
      await page.getByRole('button', { name: 'Save servers' }).click();
      await page.locator('summary', { hasText: 'Details' }).click();
      // Whoever is there already is not sent there.
      await page.locator('main:not(:has(.problem a))').waitFor();
    },
  },
  { name: 'settings-peers', hash: '#/settings/peers', scenario: () => everyday() },
  {
    name: 'settings-peers-troubled',
    hash: '#/settings/peers',
    scenario: () => {
      const base = everyday();
      const peers = troubles.map((reason, index) =>
        peer(index, {
          state: reason === 'asks-for-channels' ? 'connected' : 'disconnected',
          lastError: { code: 'peer-misbehaved', reason, detail: reason },
        }),
      );
      return { ...base, snapshots: { ...base.snapshots, peers } };
    },
  },
  {
    name: 'settings-peers-refused',
    hash: '#/settings/peers',
    scenario: () =>
      wallet({ node: { connect: () => no({ code: 'peer-unreachable', detail: 'Connection refused' }) } }),
    steps: async (page) => {
      await page.getByRole('textbox').fill(`02${hex(3)}@127.0.0.1:9735`);
      await page.getByRole('button', { name: 'Connect' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'settings-logs', hash: '#/settings/logs', scenario: () => everyday({ logs }) },
  { name: 'settings-about', hash: '#/settings/about', scenario: () => everyday() },
  { name: 'settings-erase', hash: '#/settings/erase', scenario: () => full() },
];

import { ADDRESS, never, no } from '../../../web/testkit/fake-wallet.ts';
import {
  NOW,
  backup,
  balances,
  channel,
  hex,
  onchain,
  page,
  payment,
  snapshots,
  status,
} from '../../../web/testkit/snapshots.ts';
import { open, wallet, type Scene } from '../scene.ts';
import { coinsOnly, everyday, full, shortOfCoins } from '../wallets.ts';

export const asked = (amountSat: string, note: string) => ({
  'draft/receive-asked': { amountSat, note, expiry: '3600' },
});
const made = (change: object) => ({
  'draft/receive-made': {
    address: ADDRESS,
    invoice: `lnbcrt125u1p${hex(200, 140)}`,
    paymentId: hex(200),
    amountSat: '12500',
    note: 'Tea and cake',
    expiresAt: NOW + 3000,
    madeAt: NOW - 600,
    ...change,
  },
});
const paid = [payment(200, { direction: 'incoming', amountMsat: 12_500_000n, description: 'Tea and cake' })];

export const home: readonly Scene[] = [
  { name: 'home-loading', hash: '#/', scenario: () => wallet({ service: { watch: never } }) },
  { name: 'home-empty', hash: '#/', scenario: () => wallet() },
  { name: 'home-coins', hash: '#/', scenario: () => coinsOnly({ state: open(false) }) },
  { name: 'home-no-channel', hash: '#/', scenario: () => coinsOnly() },
  {
    name: 'home-dangers',
    hash: '#/',
    // The words are not written down, no peer keeps a copy of the channel, and coins to close it by ourselves are missing.
    scenario: () => {
      const base = shortOfCoins({ state: open(false) });
      return { ...base, snapshots: { ...base.snapshots, backup: backup({ channels: 2, counter: 12 }) } };
    },
  },
  { name: 'home-reserve-low', hash: '#/', scenario: () => shortOfCoins() },
  {
    name: 'home-unlocked',
    hash: '#/',
    scenario: () => everyday({ state: { ...open(), lock: { passphrase: false, passkeys: [] } } }),
  },
  { name: 'home-everyday', hash: '#/', scenario: () => everyday() },
  {
    name: 'home-overused',
    hash: '#/',
    scenario: () => {
      const base = everyday();
      return {
        ...base,
        snapshots: {
          ...base.snapshots,
          channels: [channel(0, 'ready', 448_200n, 51_800n, { isOverused: true })],
        },
      };
    },
    steps: (page) => page.getByText('opens more slowly').waitFor(),
  },
  { name: 'home-full', hash: '#/', scenario: () => full() },
  { name: 'home-full-btc', hash: '#/', scenario: () => full(), unit: 'btc' },
  {
    name: 'home-unreachable',
    hash: '#/',
    scenario: () => {
      const base = everyday();
      const down = status({ reachable: false, trouble: { code: 'unreachable' }, lastSyncAt: NOW - 5400 });
      return { ...base, snapshots: { ...base.snapshots, status: down } };
    },
  },
  {
    name: 'home-disputed',
    hash: '#/',
    scenario: () => {
      const base = everyday();
      const split = status({
        reachable: false,
        trouble: { code: 'disputed' },
        lastSyncAt: NOW - 5400,
      });
      return { ...base, snapshots: { ...base.snapshots, status: split } };
    },
  },
  ...(
    [
      { code: 'fees-disputed' },
      { code: 'fees-unknown', since: NOW - 5 * 3600 },
      { code: 'fees-alone', server: 'https://chain.example/api', held: false },
      { code: 'fees-alone', server: 'https://chain.example/api', held: true },
    ] as const
  ).map((trouble): Scene => ({
    name: `home-${trouble.code}${'held' in trouble && trouble.held ? '-held' : ''}`,
    hash: '#/',
    scenario: () => {
      const base = everyday();
      return { ...base, snapshots: { ...base.snapshots, status: status({ trouble }) } };
    },
  })),
  {
    name: 'home-lying-server',
    hash: '#/',
    scenario: () => {
      const base = everyday();
      const trouble = { code: 'false-answer', server: 'https://chain.example/api', lie: 'proof' } as const;
      const lied = status({ reachable: false, trouble, lastSyncAt: NOW - 5400 });
      return { ...base, snapshots: { ...base.snapshots, status: lied } };
    },
  },
  {
    name: 'home-alarms',
    hash: '#/',
    scenario: () => {
      const base = everyday();
      const alarms = (['frozen-channel', 'storage-full'] as const).map((code) => ({
        code,
        detail: hex(40),
        at: NOW,
      }));
      return { ...base, snapshots: { ...base.snapshots, status: status({}, { alarms }) } };
    },
  },
  ...(
    [
      'double-spent',
      'data-loss',
      'storage',
      'bug',
      'turned-away',
      'unseen-funding',
      'runs-elsewhere',
      'backup-from-later',
    ] as const
  ).map((code): Scene => ({
    name: `home-alarm-${code}`,
    hash: '#/',
    scenario: () => {
      const base = everyday(code === 'turned-away' ? { state: open(false) } : {});
      const alarms = [{ code, detail: hex(40), at: NOW }];
      return { ...base, snapshots: { ...base.snapshots, status: status({}, { alarms }) } };
    },
  })),
  ...[18, -3].map((left): Scene => ({
    name: left > 0 ? 'home-alarm-claim-unpaid' : 'home-alarm-claim-late',
    hash: '#/',
    scenario: () => {
      const base = shortOfCoins();
      const claim = { amountSat: 30_000n, deadlineHeight: 868_412 + left, missingSat: 25_000n };
      const alarms = [{ code: 'claim-unpaid' as const, detail: hex(43), at: NOW, claim }];
      return { ...base, snapshots: { ...base.snapshots, status: status({}, { alarms }) } };
    },
  })),
  {
    name: 'home-notices',
    hash: '#/',
    scenario: () =>
      everyday({
        events: [
          {
            cursor: 1,
            at: NOW,
            event: { tag: 'payment-received', paymentId: hex(3), amountMsat: 12_500_000n },
          },
          { cursor: 2, at: NOW, event: { tag: 'channel-ready', channelId: hex(40) } },
        ],
      }),
    steps: (view) => view.getByText('A channel is ready to use').first().waitFor(),
  },
  {
    name: 'home-faucet-failing',
    hash: '#/',
    scenario: () => wallet({ service: { faucet: () => no({ code: 'chain-unreachable' }) } }),
    steps: (view) => view.getByRole('button', { name: 'Get test coins' }).click(),
  },
  { name: 'home-new-version', hash: '#/', nextBuild: 'alone', scenario: () => everyday() },
  {
    name: 'home-new-version-other-tabs',
    hash: '#/',
    nextBuild: 'other-tabs',
    scenario: () => everyday(),
    steps: (view) => view.getByRole('button', { name: 'Reload' }).click(),
  },
];

export const receive: readonly Scene[] = [
  { name: 'receive-loading', hash: '#/receive', scenario: () => wallet({ node: { newAddress: never } }) },
  {
    name: 'receive-failing',
    hash: '#/receive',
    scenario: () =>
      wallet({ node: { newAddress: () => no({ code: 'storage-failed', detail: 'AbortError' }) } }),
  },
  { name: 'receive-onchain', hash: '#/receive', scenario: () => coinsOnly() },
  { name: 'receive-any', hash: '#/receive', scenario: () => everyday() },
  {
    name: 'receive-unsaved',
    hash: '#/receive',
    // The words are not written down: only so much more may come.
    scenario: () => {
      const base = everyday({ state: open(false) });
      const unsaved = { limitMsat: 100_000_000n, leftMsat: 42_000_000n };
      const { snapshots: known } = base;
      return { ...base, snapshots: { ...known, balances: { ...known.balances, unsaved } } };
    },
  },
  {
    name: 'receive-asked',
    hash: '#/receive',
    scenario: () => everyday(),
    kept: asked('12500', 'Tea and cake'),
    steps: (view) => view.getByText('Invoice and address apart').click(),
  },
  {
    name: 'receive-full',
    hash: '#/receive',
    scenario: () => full(),
    kept: asked('98765432100', 'x'.repeat(40) + ' and a second line of the note that goes on'),
  },
  { name: 'receive-too-much', hash: '#/receive', scenario: () => everyday(), kept: asked('90000000', '') },
  { name: 'receive-edit', hash: '#/receive?sheet=edit', scenario: () => everyday() },
  {
    name: 'receive-edit-wrong',
    hash: '#/receive?sheet=edit',
    scenario: () => everyday(),
    steps: (view) => view.getByLabel('Amount').fill('1.5'),
  },
  { name: 'receive-qr', hash: '#/receive?sheet=qr', scenario: () => everyday() },
  {
    name: 'receive-expired',
    hash: '#/receive',
    scenario: () => everyday({ bolt11: { receiveVariableAmount: () => expired() } }),
  },
  {
    name: 'receive-received',
    hash: '#/receive',
    scenario: () => {
      const base = everyday();
      return { ...base, snapshots: { ...base.snapshots, payments: page([]) } };
    },
    kept: made({}),
    steps: async (view) => {
      await view.getByText('Waiting for the payment').waitFor();
      await view.evaluate((payments) => window.gallery.publish('payments', payments), page(paid));
      await view.getByRole('heading', { name: 'Received' }).waitFor();
    },
  },
  {
    name: 'receive-seen',
    hash: '#/receive',
    scenario: () => wallet({ snapshots: snapshots({ balances: balances({}) }) }),
    steps: async (view) => {
      await view.getByText('Waiting for the payment').waitFor();
      await view.evaluate(
        (payments) => window.gallery.publish('payments', payments),
        page([coins(1_000_000n)]),
      );
      await view.getByText('Payment seen').first().waitFor();
    },
  },
  {
    name: 'receive-part',
    hash: '#/receive',
    scenario: () => {
      const base = everyday();
      return { ...base, snapshots: { ...base.snapshots, payments: page([]) } };
    },
    kept: made({ amountSat: '123456789012' }),
    steps: async (view) => {
      await view.getByText('Waiting for the payment').waitFor();
      await view.evaluate(
        (payments) => window.gallery.publish('payments', payments),
        page([coins(123_456_000_000n)]),
      );
      await view.getByText('still missing').waitFor();
      await view.getByText('Waiting for the payment').waitFor();
    },
  },
];

/** On their way to the address of the request. */
const coins = (amountSat: bigint) =>
  onchain(60, {
    direction: 'incoming',
    amountMsat: amountSat * 1000n,
    state: 'pending',
    confirmations: 0,
    createdAt: NOW,
    cameTo: [{ address: ADDRESS, amountSat }],
  });

const expired = () =>
  Promise.resolve({
    ok: true as const,
    value: {
      paymentId: hex(200),
      invoice: `lnbcrt1p${hex(200, 140)}`,
      paymentHash: hex(200),
      amountMsat: null,
      expiresAt: NOW - 1,
      receivableMsat: 0n,
    },
  });

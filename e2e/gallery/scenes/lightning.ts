import { never, no, ok } from '../../../web/testkit/fake-wallet.ts';
import type { NodeApi } from '../../../engine/node/api.ts';
import { balances, channel, hex, nodeIdOf, snapshots } from '../../../web/testkit/snapshots.ts';
import { wallet, type Scene } from '../scene.ts';
import { coinsOnly, everyday, full, shortOfCoins } from '../wallets.ts';

const openQuote = {
  amountSat: 500_000n,
  feeSat: 924n,
  totalSat: 500_924n,
  feerateSatPerVb: 6,
  changeSat: 499_076n,
};
const force = { kind: 'force' as const, feeSat: 2_480n, receivedSat: 345_720n, delayBlocks: 144 };
const agreed = { kind: 'cooperative' as const, feeSat: 412n, receivedSat: 347_788n, delayBlocks: 6 };
const cooperative = { ...agreed, isAtMost: true, feerateSatPerVb: 5 };
const first = hex(40);

const moveQuote = {
  amountMsat: 50_000_000n,
  feeMsat: 12_345n,
  maxFeeMsat: 550_000n,
  payee: nodeIdOf(9),
  payeeAlias: null,
};
const twoChannels = (node: Partial<NodeApi> = {}) =>
  everyday({
    snapshots: snapshots({
      balances: balances({ lightning: 548_200n, receivable: 448_000n }),
      channels: [channel(0, 'ready', 448_200n, 51_800n), channel(1, 'ready', 100_000n, 400_000n)],
    }),
    node,
  });

/** Closed to the end; what was too small to be worth its fee was left on the chain. */
const ended = (leftSat: bigint) =>
  everyday({
    snapshots: snapshots({
      balances: balances({ onchain: 345_000n }),
      channels: [
        channel(0, 'closed', 348_200n, 151_800n, {
          closing: {
            kind: leftSat === 0n ? 'cooperative' : 'local-force',
            txId: hex(77),
            confirmations: 9,
            amountSat: 346_000n - leftSat,
            feeSat: 2_200n,
            claimableAtHeight: null,
            leftSat,
            outputs: [],
            transactions:
              leftSat === 0n
                ? []
                : [{ txId: hex(78), feeSat: 1_240n, receivedSat: 344_760n - leftSat, confirmations: 9 }],
          },
        }),
      ],
    }),
  });

/** Both have signed the close, and no block has it. */
const unconfirmed = (node: Partial<NodeApi> = {}, state: 'closing' | 'force-closing' = 'closing') =>
  everyday({
    snapshots: snapshots({
      balances: balances({ onchain: 345_000n, closing: 346_000n }),
      channels: [
        channel(0, state, 348_200n, 151_800n, {
          closing: {
            kind: 'cooperative',
            txId: hex(77),
            confirmations: 0,
            amountSat: 346_000n,
            feeSat: 2_200n,
            claimableAtHeight: null,
            leftSat: 0n,
            outputs: [],
            transactions: [],
          },
        }),
      ],
    }),
    node,
  });

export const lightning: readonly Scene[] = [
  { name: 'channels-empty', hash: '#/channels', scenario: () => wallet() },
  { name: 'channels-everyday', hash: '#/channels', scenario: () => everyday() },
  { name: 'channels-full', hash: '#/channels', scenario: () => full() },
  { name: 'channels-full-btc', hash: '#/channels', scenario: () => full(), unit: 'btc' },
  { name: 'channel-ready', hash: `#/channels/${first}`, scenario: () => everyday() },
  { name: 'channel-full', hash: `#/channels/${first}`, scenario: () => full() },
  { name: 'channel-closing', hash: `#/channels/${hex(43)}`, scenario: () => full() },
  {
    name: 'channel-closing-hurry',
    hash: `#/channels/${hex(43)}`,
    scenario: () =>
      full({
        node: { quoteHurryClose: () => ok({ feeSat: 3_720n, extraSat: 2_480n, feerateSatPerVb: 12.4 }) },
      }),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Speed it up' }).click();
      await page.getByText('You pay more').waitFor();
    },
  },
  { name: 'channel-offline', hash: `#/channels/${hex(41)}`, scenario: () => full() },
  { name: 'channel-waiting', hash: `#/channels/${hex(41)}`, scenario: () => everyday() },
  { name: 'channel-negotiating', hash: `#/channels/${hex(44)}`, scenario: () => full() },
  { name: 'channel-data-loss', hash: `#/channels/${hex(45)}`, scenario: () => full() },
  { name: 'channel-frozen', hash: `#/channels/${hex(46)}`, scenario: () => full() },
  { name: 'channel-void', hash: `#/channels/${hex(47)}`, scenario: () => full() },
  { name: 'channel-closed', hash: `#/channels/${first}`, scenario: () => ended(0n) },
  { name: 'channel-closed-left', hash: `#/channels/${first}`, scenario: () => ended(1_330n) },
  {
    name: 'channel-closing-late',
    hash: `#/channels/${hex(43)}`,
    scenario: () => shortOfCoins({}, true),
  },
  { name: 'channel-closing-short', hash: `#/channels/${hex(43)}`, scenario: () => shortOfCoins() },
  { name: 'move-too-few', hash: '#/channels/move', scenario: () => everyday() },
  { name: 'move-empty', hash: '#/channels/move', scenario: () => twoChannels() },
  {
    name: 'move',
    hash: '#/channels/move',
    scenario: () => twoChannels({ quoteRebalance: ({ amountMsat }) => ok({ ...moveQuote, amountMsat }) }),
    kept: { 'draft/move': { from: hex(40), to: hex(41), amountSat: '50000' } },
    steps: (page) => page.getByText('0.025%').waitFor(),
  },
  {
    name: 'move-refused',
    hash: '#/channels/move',
    scenario: () => twoChannels({ quoteRebalance: () => no({ code: 'no-path', reason: 'no-route' }) }),
    kept: { 'draft/move': { from: hex(40), to: hex(41), amountSat: '50000' } },
    steps: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'move-full',
    hash: '#/channels/move',
    scenario: () =>
      everyday({
        snapshots: snapshots({
          balances: balances({ lightning: 600_000n, receivable: 0n }),
          channels: [channel(0, 'ready', 300_000n, 0n), channel(1, 'ready', 300_000n, 0n)],
        }),
        node: { quoteRebalance: () => no({ code: 'no-path', reason: 'liquidity' }) },
      }),
    kept: { 'draft/move': { from: hex(40), to: hex(41), amountSat: '50000' } },
    steps: (page) => page.getByRole('alert').waitFor(),
  },
  { name: 'channels-two', hash: '#/channels', scenario: () => twoChannels() },
  {
    name: 'channel-overused',
    hash: `#/channels/${hex(40)}`,
    scenario: () =>
      everyday({
        snapshots: snapshots({
          balances: balances({ lightning: 448_200n, receivable: 51_000n }),
          channels: [channel(0, 'ready', 448_200n, 51_800n, { isOverused: true })],
        }),
      }),
    steps: (page) => page.getByText('opens more slowly').waitFor(),
  },
  { name: 'channel-missing', hash: `#/channels/${hex(250)}`, scenario: () => everyday() },
  {
    name: 'channel-open-empty',
    hash: '#/channels/open',
    scenario: () => coinsOnly(),
    steps: (page) => page.getByRole('radio').first().waitFor(),
  },
  {
    name: 'channel-open',
    hash: '#/channels/open',
    scenario: () => coinsOnly({ node: { quoteOpenChannel: () => ok(openQuote) } }),
    kept: { 'draft/open-channel': { amountSat: '500000' } },
    steps: (page) => page.getByText('Total').waitFor(),
  },
  {
    name: 'channel-open-other',
    hash: '#/channels/open',
    scenario: () => coinsOnly({ node: { quoteOpenChannel: () => ok(openQuote) } }),
    kept: { 'draft/open-channel': { amountSat: '500000', peer: 'other', uri: nodeIdOf(2) } },
    steps: (page) => page.getByText('Total').waitFor(),
  },
  {
    name: 'channel-open-nothing',
    hash: '#/channels/open',
    scenario: () => wallet({ servers: { proxies: [], peers: [] } }),
  },
  {
    name: 'channel-open-waiting',
    hash: '#/channels/open',
    scenario: () => coinsOnly({ node: { quoteOpenChannel: () => ok(openQuote), openChannel: never } }),
    kept: { 'draft/open-channel': { amountSat: '500000' } },
    steps: async (page) => {
      await page.getByText('Total').waitFor();
      await page.getByRole('button', { name: 'Open channel with' }).click();
      // All coins are in the transaction that opens it: that is no lack of them.
      await page.evaluate((none) => window.gallery.publish('balances', none), balances({}));
      await page.locator('main:not(:has(.problem))').waitFor();
    },
  },
  {
    name: 'channel-open-refused',
    hash: '#/channels/open',
    scenario: () =>
      coinsOnly({
        node: {
          quoteOpenChannel: () => ok(openQuote),
          openChannel: () => no({ code: 'peer-refused', detail: 'chan size is below min chan size' }),
        },
      }),
    kept: { 'draft/open-channel': { amountSat: '500000' } },
    steps: async (page) => {
      await page.getByText('Total').waitFor();
      await page.getByRole('button', { name: 'Open channel with' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'channel-close',
    hash: `#/channels/${first}/close`,
    scenario: () => everyday({ node: { quoteClose: () => ok({ cooperative, raise: null, force }) } }),
    steps: (page) => page.getByRole('button', { name: 'Close and get back at least' }).waitFor(),
  },
  {
    // Estimates rise between the screen and the press, and with each question: what was shown is what is asked for.
    name: 'channel-closed-as-shown',
    hash: `#/channels/${first}`,
    scenario: () => {
      let feerateSatPerVb = cooperative.feerateSatPerVb;
      return everyday({
        node: {
          quoteClose: () =>
            ok({
              cooperative: { ...cooperative, feerateSatPerVb: feerateSatPerVb++ },
              raise: null,
              force,
            }),
          closeChannel: (id, fee) =>
            id === first && typeof fee === 'object' && fee.satPerVb === cooperative.feerateSatPerVb
              ? ok(undefined)
              : no({ code: 'peer-not-connected' }),
        },
      });
    },
    steps: async (page) => {
      await page.getByRole('link', { name: 'Close this channel' }).click();
      await page.getByRole('button', { name: 'Close and get back at least 347' }).click();
      await page.getByText('The channel is closing').first().waitFor();
    },
  },
  {
    name: 'channel-close-full',
    hash: `#/channels/${first}/close`,
    scenario: () =>
      everyday({
        node: {
          quoteClose: () =>
            ok({
              cooperative: { ...cooperative, feeSat: 1_234_567n, receivedSat: 123_456_789_012n },
              raise: null,
              force: { ...force, receivedSat: 123_456_787_654n },
            }),
        },
      }),
    steps: (page) => page.getByRole('button', { name: 'Close and get back at least' }).waitFor(),
  },
  {
    // The peer opened it, and pays.
    name: 'channel-close-theirs',
    hash: `#/channels/${first}/close`,
    scenario: () =>
      everyday({
        node: {
          quoteClose: () =>
            ok({
              cooperative: { ...cooperative, feeSat: 0n, receivedSat: 348_200n, isAtMost: false },
              raise: null,
              force,
            }),
        },
      }),
    steps: (page) => page.getByRole('button', { name: 'Close and get back 348' }).waitFor(),
  },
  {
    name: 'channel-close-frozen',
    hash: `#/channels/${hex(46)}/close`,
    scenario: () => full({ node: { quoteClose: () => ok({ cooperative: null, raise: null, force }) } }),
    steps: (page) => page.getByText('is paused').waitFor(),
  },
  {
    // From the channel to its end, as a person goes who finds it paused.
    name: 'channel-frozen-closed',
    hash: `#/channels/${hex(46)}`,
    scenario: () =>
      full({
        node: {
          quoteClose: () => ok({ cooperative: null, raise: null, force }),
          forceCloseChannel: (id) => (id === hex(46) ? ok(undefined) : no({ code: 'unknown-channel' })),
        },
      }),
    steps: async (page) => {
      await page.getByRole('link', { name: 'Close this channel' }).click();
      await page.getByText('is paused').waitFor();
      await page.getByText('Force close instead').click();
      const close = page.getByRole('button', { name: 'Force close, get back about' });
      if (await close.isEnabled()) throw new Error('it can be closed without a word of consent');
      await page.getByRole('checkbox').check();
      await close.click();
      await page.getByText('The channel is closing').first().waitFor();
    },
  },
  {
    name: 'channel-close-unconfirmed',
    hash: `#/channels/${first}`,
    scenario: () => unconfirmed(),
    steps: (page) => page.getByText('If it takes longer, speed it up').waitFor(),
  },
  {
    name: 'channel-close-raise',
    hash: `#/channels/${first}/close`,
    scenario: () =>
      unconfirmed({
        quoteClose: () => ok({ cooperative: null, raise: { ...agreed, feerateSatPerVb: 8 }, force }),
      }),
    steps: (page) => page.getByRole('button', { name: 'Raise the fee, get back' }).waitFor(),
  },
  {
    name: 'channel-close-raised',
    hash: `#/channels/${first}`,
    scenario: () =>
      unconfirmed({
        quoteClose: () => ok({ cooperative: null, raise: { ...agreed, feerateSatPerVb: 8 }, force }),
        closeChannel: (_, fee) =>
          typeof fee === 'object' && fee.satPerVb === 8 ? ok(undefined) : no({ code: 'peer-not-connected' }),
      }),
    steps: async (page) => {
      await page.getByRole('link', { name: 'Speed it up' }).click();
      await page.getByRole('button', { name: 'Raise the fee, get back' }).click();
      await page.getByText('The peer was asked to sign').first().waitFor();
    },
  },
  {
    name: 'channel-close-raise-away',
    hash: `#/channels/${first}/close`,
    scenario: () => unconfirmed({ quoteClose: () => ok({ cooperative: null, raise: null, force }) }),
    steps: (page) => page.getByText('cannot be raised now').waitFor(),
  },
  {
    name: 'channel-close-again',
    hash: `#/channels/${hex(44)}/close`,
    scenario: () => full({ node: { quoteClose: () => ok({ cooperative, raise: null, force }) } }),
    steps: (page) => page.getByText('does not do its part').waitFor(),
  },
  {
    name: 'channel-close-both',
    hash: `#/channels/${first}`,
    scenario: () => unconfirmed({}, 'force-closing'),
    steps: (page) => page.getByText('Whichever confirms').waitFor(),
  },
  {
    name: 'channel-close-pricing',
    hash: `#/channels/${first}/close`,
    scenario: () => everyday({ node: { quoteClose: never } }),
  },
  {
    name: 'channel-close-force',
    hash: `#/channels/${first}/close`,
    scenario: () => everyday({ node: { quoteClose: () => ok({ cooperative: null, raise: null, force }) } }),
    steps: async (page) => {
      await page.getByText('Force close instead').click();
      await page.getByRole('checkbox').check();
    },
  },
];

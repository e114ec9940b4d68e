import type { LspServer, OrderApi, OrderDetails, RoomOffer } from '../../../engine/node/api.ts';
import { no, ok } from '../../../web/testkit/fake-wallet.ts';
import { NOW, hex, nodeIdOf } from '../../../web/testkit/snapshots.ts';
import type { Scene } from '../scene.ts';
import { everyday } from '../wallets.ts';

export const lsps: readonly LspServer[] = [
  { alias: 'Playground LSP', nodeId: nodeIdOf(0), host: '127.0.0.1', port: 9735, token: null, trusted: true },
  {
    alias: 'An LSP with a name of forty letters, no1',
    nodeId: nodeIdOf(1),
    host: 'lsp.example',
    port: 9735,
    token: 'FRIENDS-OF-THE-HOUSE',
    trusted: false,
  },
];

export const noOrders: OrderApi = {
  quote: () => no({ code: 'no-lsp' }),
  buy: () => no({ code: 'quote-expired' }),
  list: () => Promise.resolve([]),
  forget: () => ok(undefined),
};

const roomOffer = (at: 0 | 1, change: Partial<RoomOffer> = {}): RoomOffer => ({
  quoteId: `${at}`,
  lsp: { nodeId: nodeIdOf(at), alias: lsps[at]?.alias ?? '' },
  roomSat: 1_000_000n,
  clientBalanceSat: 0n,
  expiryBlocks: 12_960,
  trusted: at === 0,
  lightning: {
    feeSat: 3_000n,
    totalSat: 3_000n,
    expiresAt: NOW + 3_600,
    isDear: false,
    invoice: 'lnbcrt1',
    heldBlocks: 144,
  },
  onchain: {
    feeSat: 3_400n,
    totalSat: 3_400n,
    expiresAt: NOW + 3_600,
    isDear: false,
    address: 'bcrt1q',
    confirmations: 1,
  },
  elsewhere: {
    feeSat: 3_000n,
    totalSat: 3_000n,
    expiresAt: NOW + 3_600,
    isDear: false,
    heldBlocks: 144,
    confirmations: null,
  },
  ...change,
});

const anOrder = (change: Partial<OrderDetails> = {}): OrderDetails => ({
  id: 'a',
  lsp: { nodeId: nodeIdOf(0), alias: 'Playground LSP' },
  lspOrderId: 'bb4b5d0a-8334-49d8-9463-90a6d413af7c',
  stage: 'held',
  way: 'lightning',
  roomSat: 1_000_000n,
  clientBalanceSat: 0n,
  feeSat: 3_000n,
  totalSat: 3_000n,
  createdAt: NOW - 60,
  expiresAt: NOW + 3_600,
  payHere: null,
  paymentId: '20'.repeat(32),
  cancellationId: null,
  confirmations: null,
  confirmationsWanted: null,
  isFeeTooLow: false,
  heldBlocks: 144,
  channelId: null,
  refundTxId: null,
  namedChannel: null,
  refundedSat: null,
  preimage: null,
  keptUntil: null,
  ...change,
});

/** A wallet with some channels, in which room is offered or bought. */
const rooms = (orders: Partial<OrderApi>) =>
  everyday({
    servers: { lsps },
    bolt11: {
      quote: () =>
        ok({
          amountMsat: 3_000_000n,
          feeMsat: 2_000n,
          maxFeeMsat: 20_000n,
          payee: nodeIdOf(0),
          payeeAlias: null,
        }),
    },
    node: {
      lsp: {
        quote: () => no({ code: 'no-lsp' }),
        receive: () => no({ code: 'quote-expired' }),
        conduct: () => ok(null),
        orders: { ...noOrders, ...orders },
      },
      quoteOnchain: () =>
        ok({ amountSat: 3_400n, feeSat: 310n, totalSat: 3_710n, feerateSatPerVb: 2, changeSat: 5_000n }),
    },
  });
const listed = (order: OrderDetails) => rooms({ list: () => Promise.resolve([order]) });
const seeRoom: Scene['steps'] = async (page) => {
  await page.getByRole('button', { name: 'See what it costs' }).click();
  await page.getByRole('button', { name: /^Pay/ }).waitFor();
};
const roomAsked = { 'draft/room': { amountSat: '1000000' } };
const orderScene = (name: string, change: Partial<OrderDetails>, wait: string): Scene => ({
  name,
  hash: '#/channels/room/a',
  scenario: () => listed(anOrder(change)),
  steps: (page) => page.getByText(wait).first().waitFor(),
});

export const roomScenes: readonly Scene[] = [
  {
    // For the limits that were shown alone; and no server takes the payment.
    name: 'room-bought-as-shown',
    hash: '#/channels/room',
    scenario: () =>
      rooms({
        quote: () => ok({ offers: [roomOffer(0, { lightning: null })], refused: [] }),
        buy: ({ maxFeeSat, maxCostSat }) =>
          maxFeeSat === 3_400n && maxCostSat === 310n ? ok({ id: 'a' }) : no({ code: 'quote-expired' }),
        list: () =>
          Promise.resolve([
            anOrder({
              stage: 'confirming',
              way: 'onchain',
              confirmations: 0,
              confirmationsWanted: 3,
              isFeeTooLow: true,
            }),
          ]),
      }),
    kept: roomAsked,
    steps: async (page) => {
      await seeRoom(page);
      await page.getByRole('button', { name: /^Pay/ }).click();
      await page.getByText('No server takes the payment').first().waitFor();
      await page.waitForURL(/room\/a$/);
    },
  },
  { name: 'room-amount', hash: '#/channels/room', scenario: () => rooms({}) },
  {
    name: 'room-offer',
    hash: '#/channels/room',
    scenario: () => rooms({ quote: () => ok({ offers: [roomOffer(0)], refused: [] }) }),
    kept: roomAsked,
    steps: seeRoom,
  },
  {
    name: 'room-offers',
    hash: '#/channels/room',
    scenario: () =>
      rooms({
        quote: () =>
          ok({
            offers: [
              roomOffer(1, {
                lightning: null,
                clientBalanceSat: 20_000n,
                onchain: {
                  feeSat: 24_000n,
                  totalSat: 44_000n,
                  expiresAt: NOW + 3_600,
                  isDear: true,
                  address: 'bcrt1q',
                  confirmations: 3,
                },
                elsewhere: {
                  feeSat: 24_000n,
                  totalSat: 44_000n,
                  expiresAt: NOW + 3_600,
                  isDear: true,
                  heldBlocks: null,
                  confirmations: 3,
                },
              }),
              roomOffer(0),
            ],
            refused: [
              {
                lsp: { nodeId: nodeIdOf(2), alias: 'Third LSP' },
                refusal: { code: 'lsp-failed', reason: 'no-answer' },
              },
            ],
          }),
      }),
    kept: roomAsked,
    steps: seeRoom,
  },
  {
    name: 'room-none',
    hash: '#/channels/room',
    scenario: () => rooms({ quote: () => no({ code: 'lsp-failed', reason: 'not-offered' }) }),
    kept: roomAsked,
    steps: async (page) => {
      await page.getByRole('button', { name: 'See what it costs' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  orderScene('room-held', {}, 'Payment held'),
  {
    name: 'room-offer-elsewhere',
    hash: '#/channels/room',
    scenario: () => rooms({ quote: () => ok({ offers: [roomOffer(0)], refused: [] }) }),
    kept: roomAsked,
    steps: async (page) => {
      await seeRoom?.(page);
      await page.getByRole('radio', { name: /Another wallet/ }).check();
      await page.getByRole('button', { name: /^Order for/ }).waitFor();
    },
  },
  orderScene(
    'room-pay-elsewhere',
    {
      stage: 'unpaid',
      way: 'elsewhere',
      paymentId: null,
      payHere: {
        invoice: `lnbcrt30u1p${'q'.repeat(280)}`,
        address: 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
      },
    },
    'Waiting for the payment',
  ),
  orderScene(
    'room-pay-late',
    {
      stage: 'unpaid',
      way: 'elsewhere',
      paymentId: null,
      expiresAt: NOW - 60,
      payHere: { invoice: 'lnbcrt1', address: null },
    },
    'The time to pay is over',
  ),
  orderScene('room-held-elsewhere', { way: 'elsewhere', paymentId: null }, 'Payment held'),
  orderScene(
    'room-confirming',
    { stage: 'confirming', way: 'onchain', confirmations: 0, confirmationsWanted: 3 },
    'Waiting for the chain',
  ),
  orderScene(
    'room-open',
    { stage: 'open', channelId: hex(40), preimage: '42'.repeat(32), keptUntil: NOW + 7_776_000 },
    'Room bought',
  ),
  orderScene(
    'room-refunded',
    { stage: 'refunded', way: 'onchain', refundTxId: '21'.repeat(32), refundedSat: 1_200n },
    'Money back',
  ),
  orderScene(
    'room-lapsed',
    { stage: 'lapsed', way: 'onchain', paymentId: hex(31), confirmations: 0, confirmationsWanted: 3 },
    'Cancel the payment',
  ),
  orderScene(
    'room-cancelling',
    { stage: 'lapsed', way: 'onchain', paymentId: null, cancellationId: hex(32), confirmations: 0 },
    'Being cancelled',
  ),
  orderScene('room-undelivered', { stage: 'undelivered', preimage: '42'.repeat(32) }, 'no channel came'),
  orderScene(
    'room-undelivered-paid-for',
    { stage: 'undelivered', channelId: null, namedChannel: 'paid-for' },
    'had paid for',
  ),
  orderScene(
    'room-undelivered-without-balance',
    { stage: 'undelivered', clientBalanceSat: 20_000n, totalSat: 23_000n, namedChannel: 'without-balance' },
    'your part is missing',
  ),
  {
    name: 'channels-bought',
    hash: '#/channels',
    scenario: () => listed(anOrder()),
    steps: (page) => page.getByText('Bought room').waitFor(),
  },
];

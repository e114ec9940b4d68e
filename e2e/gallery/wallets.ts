import type { Scenario } from '../../web/testkit/fake-wallet.ts';
import {
  NOW,
  balances,
  channel,
  hex,
  onchain,
  page,
  payment,
  peer,
  snapshots,
  status,
} from '../../web/testkit/snapshots.ts';
import { wallet } from './scene.ts';

const someChannels = [
  channel(0, 'ready', 348_200n, 151_800n),
  channel(1, 'waiting-for-confirmations', 250_000n, 0n),
];
const somePayments = [
  onchain(30, {
    direction: 'incoming',
    amountMsat: 250_000_000n,
    confirmations: 0,
    state: 'pending',
    createdAt: NOW - 240,
    settledAt: null,
  }),
  ...[1, 2, 3, 4, 6, 7].map((seed) => payment(seed)),
];

/** An ordinary wallet on an ordinary day. */
export const everyday = (change: Partial<Scenario> = {}): Scenario =>
  wallet({
    snapshots: snapshots({
      balances: balances({
        onchain: 612_400n,
        kept: 25_000n,
        lightning: 348_200n,
        receivable: 148_000n,
        incoming: 250_000n,
      }),
      channels: someChannels,
      peers: [
        peer(0),
        peer(1),
        peer(2, {
          state: 'disconnected',
          lastError: { code: 'peer-unreachable', detail: 'unreachable: proxy-4002 connection refused' },
        }),
      ],
      payments: page(somePayments),
    }),
    payments: somePayments,
    ...change,
  });

const manyPayments = Array.from({ length: 500 }, (_, seed) =>
  seed % 11 === 5
    ? onchain(seed, { amountMsat: 123_456_789_012_000n, direction: seed % 2 === 0 ? 'incoming' : 'outgoing' })
    : payment(seed, {
        ...(seed % 7 === 2 ? { label: 'Forty characters is how long these are…'.padEnd(40, '.') } : {}),
        ...(seed % 7 === 3 ? { label: 'שכר דירה לחודש יוני 🏠, החצי השני (עם Ada)' } : {}),
        ...(seed % 13 === 4
          ? {
              state: 'failed' as const,
              direction: 'outgoing' as const,
              preimage: null,
              failure: { code: 'no-route' as const, detail: 'liquidity' },
            }
          : {}),
        ...(seed % 17 === 9 ? { state: 'expired' as const, direction: 'incoming' as const } : {}),
      }),
);

/** Twelve digits, long labels, five hundred payments, a channel in every state. */
export const full = (change: Partial<Scenario> = {}): Scenario =>
  wallet({
    snapshots: snapshots({
      status: status(),
      balances: balances({
        onchain: 512_345_678_901n,
        kept: 123_456n,
        lightning: 123_456_789_012n,
        receivable: 98_765_432_109n,
        incoming: 111_222_333_444n,
        opening: 100_000_000_000n,
        closing: 123_000_000_000n,
        inFlight: 1_234_567n,
      }),
      channels: [
        channel(0, 'ready', 123_456_789_012n, 98_765_432_109n, {
          pendingHtlcs: 2,
          pendingOutgoingMsat: 1_234_567_000n,
        }),
        channel(1, 'offline', 250_000n, 750_000n),
        channel(2, 'waiting-for-confirmations', 100_000_000_000n, 0n),
        channel(3, 'force-closing', 500_000n, 0n, {
          closing: {
            cause: 'payment-overdue',
            kind: 'local-force',
            txId: hex(77),
            confirmations: 3,
            amountSat: 497_500n,
            feeSat: 2500n,
            claimableAtHeight: 868_556,
            leftSat: 0n,
            outputs: [
              {
                kind: 'balance',
                amountSat: 447_500n,
                claimableAtHeight: 868_556,
                deadlineHeight: null,
                txId: null,
                missingSat: null,
                isLate: false,
              },
              {
                kind: 'payment-in',
                amountSat: 30_000n,
                claimableAtHeight: 868_410,
                deadlineHeight: 868_430,
                txId: hex(78),
                missingSat: null,
                isLate: false,
              },
              {
                kind: 'payment-out',
                amountSat: 20_000n,
                claimableAtHeight: 868_450,
                deadlineHeight: null,
                txId: null,
                missingSat: null,
                isLate: false,
              },
            ],
            transactions: [{ txId: hex(78), feeSat: 1_240n, receivedSat: -1_240n, confirmations: 0 }],
          },
        }),
        channel(4, 'negotiating-close', 300_000n, 100_000n),
        channel(5, 'data-loss', 300_000n, 100_000n, { peerAlias: 'A peer with a name of forty characters…' }),
        channel(6, 'frozen', 300_000n, 100_000n),
        channel(7, 'closed', 0n, 0n, { capacitySat: 400_000n }),
      ],
      peers: [peer(0), peer(1, { state: 'connecting' }), peer(2)],
      payments: page(manyPayments),
    }),
    payments: manyPayments,
    ...change,
  });

/** Coins, and no channel yet. */
export const coinsOnly = (change: Partial<Scenario> = {}): Scenario => {
  const payments = [
    onchain(30, { direction: 'incoming', amountMsat: 1_000_000_000n, createdAt: NOW - 4000 }),
  ];
  return wallet({
    snapshots: snapshots({ balances: balances({ onchain: 1_000_000n }), payments: page(payments) }),
    payments,
    ...change,
  });
};

/** A channel closes with a payment under way, and there are no coins to take it with. */
export const shortOfCoins = (change: Partial<Scenario> = {}, isLate = false): Scenario =>
  wallet({
    snapshots: snapshots({
      balances: balances({
        keptWanted: 25_000n,
        lightning: 348_200n,
        receivable: 148_000n,
        closing: isLate ? 50_000n : 80_000n,
      }),
      channels: [
        channel(0, 'ready', 348_200n, 151_800n),
        channel(3, 'force-closing', 80_000n, 0n, {
          closing: {
            kind: 'local-force',
            txId: hex(77),
            confirmations: 3,
            amountSat: 50_000n,
            feeSat: 1_100n,
            claimableAtHeight: 868_556,
            leftSat: 0n,
            outputs: [
              {
                kind: 'balance',
                amountSat: 50_000n,
                claimableAtHeight: 868_556,
                deadlineHeight: null,
                txId: null,
                missingSat: null,
                isLate: false,
              },
              {
                kind: 'payment-in',
                amountSat: 30_000n,
                claimableAtHeight: 868_410,
                deadlineHeight: isLate ? 868_410 : 868_430,
                txId: null,
                missingSat: 2_400n,
                isLate,
              },
            ],
            transactions: [],
          },
        }),
      ],
    }),
    ...change,
  });

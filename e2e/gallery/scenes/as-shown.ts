import type { Destination, NodeApi } from '../../../engine/node/api.ts';
import { ADDRESS, no, ok, type Scenario } from '../../../web/testkit/fake-wallet.ts';
import { channel, hex, onchain, page } from '../../../web/testkit/snapshots.ts';
import type { Scene } from '../scene.ts';
import { everyday, full } from '../wallets.ts';
import { address, invoice, node, quote as lightning } from './sending.ts';

// Where money is spent, what a button shows is the most that it may cost, whatever estimates and paths say by the time
// of the press: these wallets do nothing for another limit, and the scene is over once what was pressed was done.

const FEE = 846n;
const MOST_MSAT = lightning.maxFeeMsat;
const priced: Pick<NodeApi, 'quoteOnchain'> = {
  quoteOnchain: (_, amount) => {
    const amountSat = amount === 'all' ? 586_554n : amount;
    return ok({ amountSat, feeSat: FEE, totalSat: amountSat + FEE, feerateSatPerVb: 6, changeSat: 0n });
  },
};
const sent = ok({ txId: hex(150), feeSat: FEE });
/** In place of the one that is shown, on the same page. */
const again = ok({ txId: hex(5), feeSat: FEE });
const broken = no({ code: 'internal', detail: 'asked for something else than was shown' });
/** Done for this limit alone. */
const only = <T>(done: T, limit: unknown, shown: bigint): T | typeof broken =>
  limit === shown ? done : broken;

const kept = (change: object) => ({ 'draft/send': { text: 'pasted', ...change } });
const reviewing = (destination: Destination, change: Partial<Scenario>): Scenario =>
  everyday({ ...change, node: { parse: () => ok(destination), ...change.node } });
/** One of ours that waits for a block. */
const waiting = (change: Partial<NodeApi>): Scenario => {
  const base = everyday({ node: change });
  const one = onchain(5, {
    direction: 'outgoing',
    state: 'pending',
    confirmations: 0,
    amountMsat: 21_000_000n,
  });
  return { ...base, payments: [one], snapshots: { ...base.snapshots, payments: page([one]) } };
};
const raise = {
  kind: 'replacement',
  feeSat: 2_000n,
  extraSat: 1_154n,
  amountSat: 21_000n,
  feerateSatPerVb: 12,
} as const;

const hurry = { feeSat: 3_720n, extraSat: 2_480n, feerateSatPerVb: 12.4 } as const;

export const asShown: readonly Scene[] = [
  {
    name: 'shown-send',
    hash: '#/send/review',
    scenario: () =>
      reviewing(address, {
        node: { ...priced, sendToAddress: (_, __, ___, most) => only(sent, most, FEE) },
      }),
    kept: kept({ amountSat: '250000' }),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Send 250' }).click();
      await view.waitForURL(/send\/transaction/);
    },
  },
  {
    name: 'shown-send-all',
    hash: '#/send/review',
    scenario: () =>
      reviewing(address, { node: { ...priced, sendAllToAddress: (_, __, most) => only(sent, most, FEE) } }),
    kept: kept({ all: true }),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Send 586' }).click();
      await view.waitForURL(/send\/transaction/);
    },
  },
  {
    name: 'shown-invoice',
    hash: '#/send/review',
    scenario: () =>
      reviewing(
        { ...invoice, fallbackAddress: null },
        {
          bolt11: {
            quote: () => ok(lightning),
            send: (_, options) => only(ok({ paymentId: hex(5) }), options?.maxFeeMsat, MOST_MSAT),
          },
        },
      ),
    kept: kept({}),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Pay 12' }).click();
      await view.waitForURL(/send\/payment/);
    },
  },
  {
    name: 'shown-node',
    hash: '#/send/review',
    scenario: () =>
      reviewing(node, {
        spontaneous: {
          quote: () => ok({ ...lightning, amountMsat: 21_000_000n }),
          send: (_, __, options) => only(ok({ paymentId: hex(5) }), options?.maxFeeMsat, MOST_MSAT),
        },
      }),
    kept: kept({ amountSat: '21000' }),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Pay 21' }).click();
      await view.waitForURL(/send\/payment/);
    },
  },
  {
    name: 'shown-move',
    hash: '#/channels/move',
    scenario: () => {
      const base = everyday({
        node: {
          quoteRebalance: ({ amountMsat }) => ok({ ...lightning, amountMsat }),
          rebalance: ({ maxFeeMsat }) => only(ok({ paymentId: hex(5) }), maxFeeMsat, MOST_MSAT),
        },
      });
      const channels = [channel(0, 'ready', 448_200n, 51_800n), channel(1, 'ready', 10_000n, 290_000n)];
      return { ...base, snapshots: { ...base.snapshots, channels } };
    },
    kept: { 'draft/move': { from: hex(40), to: hex(41), amountSat: '50000' } },
    steps: async (view) => {
      await view.getByRole('button', { name: 'Move 50' }).click();
      await view.waitForURL(/send\/payment/);
    },
  },
  {
    // Other coins than those of the quote have to pay for it: refused, and priced anew.
    name: 'shown-open',
    hash: '#/channels/open',
    scenario: () => {
      const amountSat = 500_000n;
      let feeSat = FEE;
      return everyday({
        node: {
          quoteOpenChannel: () =>
            ok({ amountSat, feeSat, totalSat: amountSat + feeSat, feerateSatPerVb: 6, changeSat: 0n }),
          openChannel: ({ maxFeeSat }) => {
            if (maxFeeSat !== feeSat) return broken;
            if (feeSat > FEE) return ok({ channelId: hex(40), fundingTxId: hex(150) });
            feeSat *= 2n;
            return no({ code: 'fee-above-limit', feeMsat: feeSat * 1000n, limitMsat: FEE * 1000n });
          },
        },
      });
    },
    kept: { 'draft/open-channel': { amountSat: '500000' } },
    steps: async (view) => {
      await view.getByRole('button', { name: 'Open channel with 500' }).click();
      await view.getByRole('button', { name: 'Try again' }).click();
      await view
        .getByText(/501.692/)
        .first()
        .waitFor();
      await view.getByRole('button', { name: 'Open channel with 500' }).click();
      await view.waitForURL(/channels\/[0-9a-f]{64}/);
    },
  },
  {
    name: 'shown-psbt',
    hash: '#/psbt/make',
    scenario: () =>
      everyday({
        node: priced,
        psbt: {
          list: () => ok([]),
          create: (_, __, ___, most) =>
            only(
              ok({ psbt: 'cHNidP8B', txId: hex(61), feeSat: FEE, amountSat: 250_000n, changeSat: 59_154n }),
              most,
              FEE,
            ),
          inspect: () =>
            ok({ txId: hex(61), spentSat: 310_000n, returnedSat: 59_154n, payments: [], feeSat: FEE }),
        },
      }),
    kept: { 'draft/psbt': { text: '', address: ADDRESS, amountSat: '250000' } },
    steps: async (view) => {
      await view.getByRole('button', { name: '250' }).last().click();
      await view.waitForURL(/psbt\/review/);
    },
  },
  {
    name: 'shown-speed-up',
    hash: `#/activity/${hex(5)}`,
    scenario: () =>
      waiting({
        quoteBumpFee: () => ok(raise),
        bumpFee: (_, __, most) => only(again, most, raise.feeSat),
      }),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Speed it up' }).click();
      await view.getByRole('button', { name: 'Speed it up for' }).click();
      await view.getByText('Sent again with a higher fee').waitFor();
      // Drawn anew: what moves as another payment comes to the front is no finding.
      await view.reload();
    },
  },
  {
    name: 'shown-cancel',
    hash: `#/activity/${hex(5)}`,
    scenario: () =>
      waiting({
        quoteCancelSend: () => ok(raise),
        cancelSend: (_, __, most) => only(again, most, raise.feeSat),
      }),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Cancel this payment' }).click();
      await view.getByRole('button', { name: 'Cancel this payment for' }).click();
      await view.getByText('Cancelling: the coins are on their way back').waitFor();
      await view.reload();
    },
  },
  {
    name: 'shown-hurry',
    hash: `#/channels/${hex(43)}`,
    scenario: () =>
      full({
        node: {
          quoteHurryClose: () => ok(hurry),
          hurryClose: (_, __, most) => only(ok(hurry), most, hurry.extraSat),
        },
      }),
    steps: async (view) => {
      await view.getByRole('button', { name: 'Speed it up' }).click();
      await view.getByRole('button', { name: 'for 2' }).click();
      await view.getByRole('button', { name: 'for 2' }).waitFor({ state: 'detached' });
    },
  },
];

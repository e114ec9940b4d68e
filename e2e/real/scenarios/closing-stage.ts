import type { ChannelDetails } from '../../../engine/node/api.ts';
import type { Leyden } from '../../world/leyden/leyden.ts';
import type { LocalLeyden } from '../../world/leyden/local-leyden.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { spenderOf, txOf, type RawTx } from './chain-money.ts';
import type { PeerKind, PeerUnderTest } from './peer-kinds.ts';
import { Stage, waitForChannel } from './stage.ts';
import { newSecret, valueOf, type Secret } from './values.ts';

/** What each held payment of these scenarios is worth. */
export const HELD = 50_000_000n;

export type InFlight = {
  /** The peer holds it. */
  readonly out: Secret;
  readonly sentId: string;
  /** We hold it. */
  readonly inwards: Secret;
  readonly heldId: string;
};

/** One node of ours with coins, one peer, and channels that end on the chain with payments in flight. */
export class ClosingStage<P extends RealPeer = PeerUnderTest, L extends Leyden = LocalLeyden> {
  readonly stage: Stage<P>;
  readonly us: L;
  readonly peer: P;

  constructor(stage: Stage<P>, us: L, peer: P) {
    this.stage = stage;
    this.us = us;
    this.peer = peer;
  }

  static async start(kind: PeerKind): Promise<ClosingStage> {
    const stage = await Stage.start(kind);
    const us = await stage.local(5_000_000n);
    for (let i = 0; i < 4; i++) await stage.fund(us, 200_000n);
    const peer = await stage.peer({ alias: 'anchors', anchors: true, minimumDepth: 3 });
    for (let i = 0; i < 8; i++) await peer.fund(5_000_000n);
    return new ClosingStage(stage, us, peer);
  }

  /** One payment held by the peer, one held by us. */
  async inFlight(amountMsat = HELD): Promise<InFlight> {
    const { us, peer } = this;
    const [out, inwards] = [newSecret(), newSecret()];
    const theirs = await peer.createInvoice({ amountMsat, paymentHash: out.paymentHash });
    const sent = valueOf(await us.api.bolt11.send(theirs.bolt11));
    const held = valueOf(
      await us.api.bolt11.receiveForHash({
        amountMsat,
        description: 'held',
        paymentHash: inwards.paymentHash,
      }),
    );
    // Its end is the chain's to tell.
    peer.pay(held.invoice).catch(() => null);
    await peer.waitForHeld(out.paymentHash);
    await until(async () => valueOf(await us.api.payment(held.paymentId)).state === 'claimable', {
      what: 'the payment to us to be held',
    });
    return { out, sentId: sent.paymentId, inwards, heldId: held.paymentId };
  }

  /** Estimates are asked for once in a while, and at each start. */
  async setFees(satPerVb: readonly [number, number, number, number]): Promise<void> {
    const [urgent, normal, background, minimum] = satPerVb;
    this.stage.esplora.setFeeEstimates({ 2: urgent, 6: normal, 144: background, 1008: minimum });
    await this.us.restart();
    await this.stage.sync();
  }

  /** A few blocks at a time, until it is closed. */
  async mineToTheEnd(channelId: string, most: number, atOnce = 1): Promise<ChannelDetails> {
    for (let i = 0; i < most; i += atOnce) {
      const channel = (await this.us.api.listChannels()).find((one) => one.channelId === channelId);
      if (channel?.state === 'closed') return channel;
      await this.stage.mine(atOnce);
    }
    return waitForChannel(this.us, (one) => one.channelId === channelId && one.state === 'closed');
  }

  /** What shows this preimage in an input that spends `txId`, as soon as something does. */
  byPreimage(txId: string, { preimage }: Secret): Promise<RawTx> {
    return this.spend(txId, (tx) => tx.vin.some(({ witness }) => witness?.includes(preimage) === true));
  }

  /** A transaction that spends an output of `txId`, as soon as one does that matches. */
  spend(txId: string, matches: (tx: RawTx) => boolean): Promise<RawTx> {
    return until(
      async () => {
        const { vout } = await txOf(this.stage, txId);
        for (const index of vout.keys()) {
          const spender = await spenderOf(this.stage, txId, index);
          if (spender !== null && matches(spender)) return spender;
        }
        return null;
      },
      {
        what: `a spend of ${txId}`,
        describe: async () => [
          this.us.log.slice(-10),
          (await this.us.api.listChannels()).filter(({ state }) => state !== 'closed'),
        ],
      },
    );
  }

  /** Of the transactions that descend from `txId`, those that our wallet has a part in. */
  async ours(txId: string): Promise<readonly RawTx[]> {
    const known = new Map<string, RawTx>();
    const visit = async (id: string): Promise<void> => {
      const { vout } = await txOf(this.stage, id);
      for (const index of vout.keys()) {
        const spender = await spenderOf(this.stage, id, index);
        if (spender === null || known.has(spender.txid)) continue;
        if (!(await this.us.api.payment(spender.txid)).ok) continue;
        known.set(spender.txid, spender);
        await visit(spender.txid);
      }
    };
    await visit(txId);
    return [...known.values()];
  }
}

import { expect } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import { spendOf, type ChainTx } from '../real/scenarios/accounts.ts';
import { txOf } from '../real/scenarios/chain-money.ts';
import { pay, Stage, waitForChannel, waitForPayment, type OpenWish } from '../real/scenarios/stage.ts';
import { valueOf } from '../real/scenarios/values.ts';
import type { PeerWishes } from '../real/scenarios/peer-kinds.ts';
import type { RealPeer } from '../world/real-peer.ts';
import { until } from '../world/until.ts';
import { ChromiumLeyden } from './chromium/chromium-leyden.ts';
import type { Implementation } from './implementation.ts';
import { begun, type Us } from './our-side.ts';
import type { Place } from './place.ts';

/** Of a channel that a scenario does not care about. */
export const CAPACITY = 1_000_000n;
export const PUSH = 400_000_000n;

type Wish = Partial<OpenWish> & Pick<OpenWish, 'by'>;

/** What both have on the chain. */
type Wallets = { readonly before: bigint; readonly atPeer: bigint };

const COINS = 6;
const COIN = 10_000_000n;
/** For all channels of all scenarios, of which each leaves its push with the peer. */
const OURS = 80_000_000n;
const LIVE: readonly ChannelDetails['state'][] = ['ready', 'offline', 'reconnecting'];
/** sat/vB, as servers tell it where a scenario does not have them say something else. */
export const USUAL = 5;
/** By blocks. What is urgent pays more. */
export const USUAL_FEES = { 2: 2 * USUAL, 6: USUAL, 144: USUAL, 1008: 1 } as const;
/** Satoshis, of one transaction with few inputs at the dearest that scenarios have. */
export const MOST_FEE = 20_000n;
/** More than a commitment, and what is swept of it, may cost here. */
export const COSTS = 30_000n;
/** More than a peer may pay to sweep what a close gave it. */
const SWEEP = 5_000n;
/** Blocks in which a close is buried for every implementation. */
const BURIED = 6;

/** One node of ours and one of somebody else's, on a chain of their own, and what scenarios do with them. */
export class Play {
  readonly kind: Implementation;
  readonly place: Place;
  readonly stage: Stage<RealPeer>;
  readonly us: Us;
  readonly peer: RealPeer;

  private constructor(kind: Implementation, place: Place, stage: Stage<RealPeer>, us: Us, peer: RealPeer) {
    this.kind = kind;
    this.place = place;
    this.stage = stage;
    this.us = us;
    this.peer = peer;
  }

  static async start(kind: Implementation, place: Place): Promise<Play> {
    // Those who ask bitcoind hear what its own wallet pays, and close no channel together with who hears far less.
    const stage = await Stage.start<RealPeer>(kind, { satPerVb: USUAL });
    stage.esplora.setFeeEstimates(USUAL_FEES);
    try {
      const us = await stage.node((settings) => begun(place, settings), OURS);
      for (let i = 0; i < COINS; i++) await stage.fund(us, COIN / 10n);
      const play = new Play(kind, place, stage, us, await stage.peer({ alias: 'peer' }));
      await play.#fund(play.peer);
      return play;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }

  /** What our side's surroundings held against it: of a page, what nobody caught. */
  complaints(): readonly string[] {
    return this.us instanceof ChromiumLeyden ? this.us.complaints() : [];
  }

  /** One more of the same implementation, with coins. */
  async another(wishes: Omit<PeerWishes, 'folder'>): Promise<RealPeer> {
    const peer = await this.stage.peer(wishes);
    await this.#fund(peer);
    return peer;
  }

  /** Anchors, private, opened by us, money on both sides. One that is there already, or a new one. */
  async channel(): Promise<ChannelDetails> {
    const { peer, us } = this;
    await this.stage.connect(us, peer);
    const [known, ...others] = await this.#live();
    if (
      known === undefined ||
      others.length > 0 ||
      !known.isOpener ||
      known.localMsat < 200_000_000n ||
      known.remoteMsat < 200_000_000n
    )
      return this.open({ by: 'us' });
    await this.stage.usable(us, peer, known.channelId);
    return this.settled(known.channelId);
  }

  /** With the peer, and not on their way to an end. */
  async #live(): Promise<readonly ChannelDetails[]> {
    return (await this.us.api.listChannels()).filter(
      ({ peerNodeId, state }) => peerNodeId === this.peer.id && LIVE.includes(state),
    );
  }

  /** The only one with the peer. */
  async open(wish: Wish): Promise<ChannelDetails> {
    for (const { channelId } of await this.#live()) {
      await this.together(channelId);
      await this.closeTogether(await this.settled(channelId), 'us');
    }
    return this.oneMore(wish);
  }

  /** Beside those that there are. */
  async oneMore(wish: Wish, peer: RealPeer = this.peer): Promise<ChannelDetails> {
    // Who is behind the chain takes no channel.
    await this.stage.sync();
    return this.stage.open(this.us, peer, { capacitySat: CAPACITY, pushMsat: PUSH, ...wish });
  }

  /** Nothing is in flight, and both sides' books say the same. */
  async settled(channelId: string, peer: RealPeer = this.peer): Promise<ChannelDetails> {
    const { ours, theirs } = await this.stage.settled(this.us, peer, channelId);
    expect(ours.localMsat + ours.remoteMsat).toBe(ours.capacitySat * 1000n);
    // Not every list tells of what is in flight: it may still be on its way.
    const expected = ours.remoteMsat / 1000n;
    if (theirs.ownSat !== null)
      await peer.waitForChannel(
        // To LND's own, as opener, belongs what neither side has whole.
        (one) => one.channelId === channelId && (one.ownSat === expected || one.ownSat === expected + 1n),
        `a channel with ${expected} sat of its own`,
      );
    return ours;
  }

  /** We pay an invoice of the peer's, and it is paid. */
  async payOut(amountMsat: bigint, peer: RealPeer = this.peer): Promise<void> {
    const { bolt11, paymentHash } = await peer.createInvoice({ amountMsat });
    expect(await pay(this.us, bolt11)).toMatchObject({
      state: 'succeeded',
      failure: null,
      amountMsat,
      paymentHash,
    });
  }

  /** The peer pays an invoice of ours. */
  async payIn(amountMsat: bigint, peer: RealPeer = this.peer): Promise<void> {
    const request = valueOf(await this.us.api.bolt11.receive({ amountMsat, description: 'in' }));
    const { preimage } = await peer.pay(request.invoice);
    expect(await waitForPayment(this.us, request.paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat,
      preimage,
    });
  }

  /** Both ways, and both agree on what is left. */
  async payBothWays(channel: ChannelDetails, peer: RealPeer = this.peer): Promise<ChannelDetails> {
    const before = await this.settled(channel.channelId, peer);
    await this.payOut(11_000_000n, peer);
    await this.settled(channel.channelId, peer);
    await this.payIn(5_000_000n, peer);
    const after = await this.settled(channel.channelId, peer);
    expect(after.localMsat).toBe(before.localMsat - 6_000_000n);
    return after;
  }

  /** Both have it again after something between them broke. */
  async together(channelId: string, peer: RealPeer = this.peer): Promise<void> {
    await until(
      async () => (await this.us.api.connect(peer.id, peer.address.host, peer.address.port, true)).ok,
      {
        what: 'a connection',
        everyMs: 100,
      },
    );
    await this.stage.usable(this.us, peer, channelId);
  }

  spendOfFunding({ fundingTxId, fundingIndex }: ChannelDetails): Promise<ChainTx> {
    return spendOf(this.stage, fundingTxId ?? '', fundingIndex ?? 0, async () => [
      (await this.us.api.listChannels()).filter(({ state }) => state !== 'closed'),
      this.us.log.slice(-6),
    ]);
  }

  async onchainSat(): Promise<bigint> {
    return (await this.us.api.listBalances()).onchain.confirmedSat;
  }

  /** It ends in peace, and what is ours is back to the sat. */
  async closeTogether(
    { channelId }: ChannelDetails,
    by: 'us' | 'them',
    peer: RealPeer = this.peer,
  ): Promise<void> {
    const ours = await this.settled(channelId, peer);
    const wallets = await this.wallets(peer);
    if (by === 'us') valueOf(await this.us.api.closeChannel(channelId));
    else await peer.close(channelId);
    await this.closedTogether(ours, wallets, peer);
  }

  async wallets(peer: RealPeer = this.peer): Promise<Wallets> {
    return { before: await this.onchainSat(), atPeer: await peer.onchainSat() };
  }

  /**
   * What the channel held last is where it should be.
   *
   * @returns whether we paid for it
   */
  async closedTogether(
    ours: ChannelDetails,
    { before, atPeer }: Wallets,
    peer: RealPeer = this.peer,
  ): Promise<boolean> {
    const { channelId } = ours;
    const tx = await this.spendOfFunding(ours);
    await this.stage.mine(BURIED);
    const { closing } = await this.ended(channelId);
    expect(closing).toMatchObject({ kind: 'cooperative' });
    // With closing_complete there may be two, and one takes the place of the other.
    if (this.kind.closesSimply !== true) expect(closing?.txId).toBe(tx.txid);
    await this.stage.sync();
    // Only one pays: the opener, or with closing_complete whoever offered what was mined, which is mostly who asked. A
    // part of a satoshi that nobody can have goes to the miner.
    const mined = await txOf(this.stage, closing?.txId ?? '');
    const fee = BigInt(mined.fee);
    expect(fee).toBeLessThan(MOST_FEE);
    const [whole, theirs] = [ours.localMsat / 1000n, ours.remoteMsat / 1000n];
    const weDid = mined.vout.every(({ value }) => BigInt(value) !== whole);
    if (this.kind.closesSimply !== true) expect(weDid).toBe(ours.isOpener);
    const back = weDid ? ours.capacitySat - fee - theirs : whole;
    expect(await this.onchainSat()).toBe(before + back);
    // The rest is theirs, to the sat.
    expect(mined.vout).toHaveLength(2);
    await this.peerGets(peer, atPeer + ours.capacitySat - back - fee);
    await this.quiet();
    return weDid;
  }

  /** It has so much on the chain, soon; some sweep what they get with a transaction of their own, and pay for it. */
  async peerGets(peer: RealPeer, amountSat: bigint, blocks = 20): Promise<void> {
    for (let i = 0; i < blocks && (await peer.onchainSat()) < amountSat - SWEEP; i++)
      await this.stage.mine(1);
    expect(await peer.onchainSat()).toBeGreaterThanOrEqual(amountSat - SWEEP);
  }

  ended(channelId: string): Promise<ChannelDetails> {
    return waitForChannel(this.us, (one) => one.channelId === channelId && one.state === 'closed');
  }

  /** Nothing is wrong with us, and nothing is left half done. */
  async quiet(): Promise<void> {
    expect((await this.us.api.status()).alarms).toEqual([]);
    const { closingSat, openingSat } = await this.us.api.listBalances();
    expect({ closingSat, openingSat }).toEqual({ closingSat: 0n, openingSat: 0n });
  }

  async #fund(peer: RealPeer): Promise<void> {
    for (let i = 0; i < COINS; i++) await peer.fund(COIN);
  }
}

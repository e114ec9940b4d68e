import { assert } from '../base/assert.ts';
import type { PaymentId } from '../base/ids.ts';
import { blockHeight, feeratePerKw, msat, sat } from '../base/units.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import type { ChannelMessage } from '../channel/message.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { paying } from './fake-chain.ts';
import type { HostilePeer } from './hostile-peer.ts';
import type { NodeWorld } from './node-world.ts';
import { walletScript } from './two-peer-env.ts';
import { Side } from './two-peer-side.ts';
import { confirmedAt, hashOf } from './two-peer.ts';

/** A channel to a node that a hostile peer has opened, and may use: the peer's side is a machine that a test commands. */
export class HostileChannel {
  readonly side: Side;
  readonly #world: NodeWorld;
  readonly #peer: HostilePeer;
  #offered = 0;

  private constructor(world: NodeWorld, peer: HostilePeer) {
    this.#world = world;
    this.#peer = peer;
    this.side = new Side({ name: 'hostile' }, 'target');
    this.side.env = { ...peer.env, height: blockHeight(world.chain.blocks.length - 1) };
  }

  /** Of so many satoshis, all its own, and ready for use. */
  static async open(world: NodeWorld, peer: HostilePeer, amount: bigint): Promise<HostileChannel> {
    const channel = new HostileChannel(world, peer);
    const { side } = channel;
    side.apply({ tag: 'connected', remoteInit: peer.init });
    side.command({
      tag: 'open',
      amount: sat(amount),
      push: msat(0),
      announce: false,
      zeroConf: false,
      feerate: feeratePerKw(1_000),
      shutdownScript: walletScript('hostile'),
    });
    await channel.pump();
    const wanted = side.notice('funding-needed');
    const coins = paying([wanted.script, wanted.amount]);
    const witness = [new Uint8Array(71), new Uint8Array(33)];
    const tx = { ...coins, inputs: coins.inputs.map((input) => ({ ...input, witness })) };
    side.command({ tag: 'funding-built', tx, outputIndex: 0 });
    await channel.pump();
    world.chain.add(tx);
    const at = confirmedAt(world.chain.blocks.length);
    await world.mine(6);
    const tipHeight = blockHeight(world.chain.blocks.length - 1);
    side.env = { ...side.env, height: tipHeight };
    side.apply({ tag: 'chain', event: { tag: 'confirmed', txId: txIdOf(tx), tx, at, tipHeight } });
    await channel.pump();
    assert(side.summary.status === 'ready', 'the node did not take the channel');
    return channel;
  }

  /** Until neither has anything to say, or the node says `last`: that is not heard any more. */
  async pump(last: WireMessage['name'] | null = null): Promise<void> {
    for (;;) {
      const said = this.side.outbox.splice(0);
      this.#peer.say(...said);
      await this.#world.settle();
      const heard = this.#peer.heard
        .splice(0)
        .filter((message) => 'channelId' in message || 'temporaryChannelId' in message);
      if (said.length === 0 && heard.length === 0) return;
      if (heard.some(({ name }) => name === last)) return;
      for (const message of heard) this.side.apply({ tag: 'message', message: message as ChannelMessage });
    }
  }

  /** The peer connects anew, and says again what it cannot know to have been heard. */
  async comeBack(host: string): Promise<void> {
    const { side } = this;
    await this.#peer.hangUp();
    side.outbox.length = 0;
    side.apply({ tag: 'disconnected' });
    this.#peer.heard.length = 0;
    await this.#peer.dial(host);
    side.apply({ tag: 'connected', remoteInit: this.#peer.init });
    await this.pump();
  }

  /** HTLCs that nobody can read, all at once. Resolves when the node has given them back. */
  async flood(count: number, amount: bigint): Promise<void> {
    this.offer(count, amount);
    await this.pump();
    assert(this.side.settled.length === count, 'the node holds on to them');
    this.forget();
  }

  /** They are said with the next `pump`, and expire after so many blocks. */
  offer(count: number, amount: bigint, blocks = 100): void {
    const { side } = this;
    side.env = { ...side.env, moreToCome: true };
    for (let i = 0; i < count; i++) {
      const paymentHash = hashOf(`flood ${this.#offered++}`);
      const added = side.command({
        tag: 'add-htlc',
        amount: msat(amount * 1_000n),
        paymentHash,
        cltvExpiry: blockHeight(side.env.height + blocks),
        onion: new Uint8Array(1366).fill(7),
        origin: { paymentId: paymentHash as string as PaymentId, attempt: 0 },
      });
      assert(added?.ok === true, 'no HTLC to flood with');
    }
    side.env = { ...side.env, moreToCome: false };
    side.apply({ tag: 'idle' });
  }

  /** What this double noted of all that happened. */
  forget(): void {
    const { side } = this;
    for (const notes of [side.settled, side.notices, side.published, side.watches, side.offers])
      notes.length = 0;
    side.replies.clear();
    side.disk.clear();
  }
}

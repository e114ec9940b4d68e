import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import {
  blockHash,
  outPointKey,
  paymentHash,
  txId,
  type OutPoint,
  type PaymentHash,
  type PaymentId,
} from '../base/ids.ts';
import {
  blockHeight,
  feeratePerKw,
  msat,
  sat,
  type FeeratePerKw,
  type Msat,
  type Sat,
} from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { Confirmation, Feerates } from '../bitcoin/watch.ts';
import type { ChannelMessage } from '../channel/message.ts';
import { sha256 } from '../crypto/hash.ts';
import { featuresFor } from '../wire/features.ts';
import { decodeMessage, encodeMessage } from '../wire/wire-message.ts';
import { seeded, TEST_FEATURES, walletScript, type Character } from './two-peer-env.ts';
import { Side, type Reply } from './two-peer-side.ts';

export type OpenTerms = {
  readonly amount?: Sat;
  readonly push?: Msat;
  readonly announce?: boolean;
  readonly zeroConf?: boolean;
};

/** Changes or swallows (null) a message on its way. */
export type Tap = (message: ChannelMessage, from: Side) => ChannelMessage | null;

/**
 * Two machines with a link between them that carries real bytes, one message at a time, and a chain that the test
 * writes. Alice opens.
 */
export class TwoPeers {
  readonly alice: Side;
  readonly bob: Side;
  /** Everything that crossed the link. */
  readonly said: { readonly from: Side; readonly message: ChannelMessage }[] = [];
  tap: Tap | null = null;
  connected = false;
  height = blockHeight(100);
  readonly #characters: ReadonlyMap<Side, Character>;

  constructor(alice: Partial<Character> = {}, bob: Partial<Character> = {}) {
    const characters = [
      { name: 'alice', ...alice },
      { name: 'bob', ...bob },
    ] as const;
    this.alice = new Side(characters[0], 'bob');
    this.bob = new Side(characters[1], 'alice');
    this.#characters = new Map([
      [this.alice, characters[0]],
      [this.bob, characters[1]],
    ]);
  }

  /** Another world that goes on from here by itself, without the tap. */
  copy(): TwoPeers {
    const copy = new TwoPeers(this.#characters.get(this.alice), this.#characters.get(this.bob));
    copy.alice.become(this.alice);
    copy.bob.become(this.bob);
    for (const { from, message } of this.said)
      copy.said.push({ from: from === this.alice ? copy.alice : copy.bob, message });
    copy.connected = this.connected;
    copy.height = this.height;
    copy.#labels = this.#labels;
    return copy;
  }

  other(side: Side): Side {
    return side === this.alice ? this.bob : this.alice;
  }

  connect(): void {
    this.connected = true;
    for (const side of [this.alice, this.bob]) {
      const features = this.#characters.get(this.other(side))?.features ?? TEST_FEATURES;
      side.apply({
        tag: 'connected',
        remoteInit: { name: 'init', globalFeatures: new Uint8Array(), features: featuresFor('I', features) },
      });
    }
  }

  /** Both see the connection end; what was on its way is lost. */
  disconnect(): void {
    if (!this.connected) return;
    this.connected = false;
    for (const side of [this.alice, this.bob]) {
      side.outbox.length = 0;
      side.wantsDisconnect = false;
      side.apply({ tag: 'disconnected' });
      side.outbox.length = 0;
    }
  }

  reconnect(): void {
    this.disconnect();
    this.connect();
    this.pump();
  }

  /** The process of one side ends and starts again; the other sees the connection end. */
  crash(side: Side): void {
    this.connected = false;
    side.restart();
    const other = this.other(side);
    other.outbox.length = 0;
    other.apply({ tag: 'disconnected' });
    other.outbox.length = 0;
  }

  /** One message of `from` arrives; with `lose` the receiver dies once it has saved. False when there is none. */
  deliver(from: Side, lose = false): boolean {
    const message = from.outbox.shift();
    if (message === undefined) return false;
    if (!this.connected) return true;
    const tapped = this.tap === null ? message : this.tap(message, from);
    if (tapped !== null) this.inject(from, tapped, lose);
    return true;
  }

  /** As if `from` had sent it. */
  inject(from: Side, message: ChannelMessage, lose = false): void {
    const decoded = decodeMessage(encodeMessage(message));
    assert(decoded.ok && decoded.value.name !== 'unknown', 'a message that does not survive the wire');
    this.said.push({ from, message });
    this.other(from).apply({ tag: 'message', message: decoded.value as ChannelMessage }, lose);
  }

  /** Delivers until nothing is left to say; carries out disconnects. */
  pump(): void {
    for (let rounds = 0; ; rounds++) {
      assert(rounds < 100_000, 'the two do not stop talking');
      const moved = this.deliver(this.alice) || this.deliver(this.bob);
      if (this.alice.wantsDisconnect || this.bob.wantsDisconnect) this.disconnect();
      else if (!moved) return;
    }
  }

  /** Alice's channel up to funding_signed; the funding transaction waits to be mined. */
  open({ amount = sat(1_000_000), push = msat(0), announce = false }: OpenTerms = {}): void {
    if (!this.connected) this.connect();
    this.ask({ amount, push, announce });
    this.pump();
    this.accept();
    this.pump();
    this.build();
    this.pump();
  }

  ask({
    amount = sat(1_000_000),
    push = msat(0),
    announce = false,
    zeroConf = false,
  }: OpenTerms = {}): Reply | null {
    return this.alice.command({
      tag: 'open',
      amount,
      push,
      announce,
      zeroConf,
      feerate: feeratePerKw(1_000),
      shutdownScript: walletScript('alice'),
    });
  }

  accept(minimumDepth = 3): Reply | null {
    return this.bob.command({ tag: 'accept', shutdownScript: walletScript('bob'), minimumDepth });
  }

  /** What a wallet answers to `funding-needed`. */
  build(change: (tx: Tx) => Tx = (tx) => tx): Reply | null {
    const { script, amount } = this.alice.notice('funding-needed');
    const tx: Tx = {
      version: 2,
      inputs: [
        {
          outPoint: { txId: txId(toHex(sha256(script))), index: 0 },
          sequence: 0xffff_fffd,
          scriptSig: new Uint8Array(),
          witness: [new Uint8Array(71), new Uint8Array(33)],
        },
      ],
      outputs: [
        { amount: sat(12_345), script: walletScript('alice') },
        { amount, script },
      ],
      lockTime: 0,
    };
    return this.alice.command({ tag: 'funding-built', tx: change(tx), outputIndex: 1 });
  }

  /** A channel ready for use. */
  static ready(
    terms: OpenTerms = {},
    alice: Partial<Character> = {},
    bob: Partial<Character> = {},
  ): TwoPeers {
    const peers = new TwoPeers(alice, bob);
    peers.open(terms);
    peers.mine(3, [peers.fundingTx]);
    peers.pump();
    assert(peers.alice.summary.status === 'ready' && peers.bob.summary.status === 'ready', 'not ready');
    return peers;
  }

  get fundingTx(): Tx {
    const found = this.alice.published.find(({ purpose }) => purpose === 'funding');
    assert(found !== undefined, 'no funding transaction was published');
    return found.tx;
  }

  /** Blocks, the first of which has `txs`. Both sides hear of what they watch. */
  mine(blocks: number, txs: readonly Tx[] = [], feerates?: Feerates): void {
    const first = blockHeight(this.height + 1);
    this.height = blockHeight(this.height + blocks);
    for (const side of [this.alice, this.bob]) {
      side.env = { ...side.env, height: this.height, feerates: feerates ?? side.env.feerates };
      side.apply({ tag: 'tick', height: this.height, feerates: side.env.feerates });
      for (const [index, tx] of txs.entries()) this.tell(side, tx, confirmedAt(first, index));
    }
  }

  /** `tx` is in a block, or (null) in the mempool: those who watch it are told. */
  tell(side: Side, tx: Tx, at: Confirmation | null): void {
    const id = txIdOf(tx);
    const spent = new Map<string, OutPoint>(
      tx.inputs.map(({ outPoint }) => [outPointKey(outPoint), outPoint]),
    );
    const tipHeight = this.height;
    for (const watch of side.watches.slice())
      if (watch.tag === 'confirmed' && watch.txId === id && at !== null)
        side.apply({ tag: 'chain', event: { tag: 'confirmed', txId: id, tx, at, tipHeight } });
      else if (watch.tag === 'spent' && spent.delete(outPointKey(watch.outPoint)))
        side.apply({ tag: 'chain', event: { tag: 'spent', outPoint: watch.outPoint, tx, at, tipHeight } });
  }

  /** `from` offers an HTLC; its preimage is made from `label`. Nothing is delivered yet. */
  add(from: Side, amount: Msat, label = `htlc ${this.#labels++}`, expiresIn = 40): Reply | null {
    return from.command({
      tag: 'add-htlc',
      amount,
      paymentHash: hashOf(label),
      cltvExpiry: blockHeight(this.height + expiresIn),
      onion: new Uint8Array(1366).fill(7),
      origin: { paymentId: hashOf(label) as string as PaymentId, attempt: 0 },
    });
  }

  #labels = 0;

  /** Offers, fulfils, and settles one HTLC. */
  pay(from: Side, amount: Msat, label = `htlc ${this.#labels++}`): void {
    const added = this.add(from, amount, label);
    assert(added?.ok === true, `refused: ${added?.ok === false ? added.error.code : 'no answer'}`);
    this.pump();
    const payee = this.other(from);
    const offer = payee.offers.findLast((htlc) => htlc.paymentHash === hashOf(label));
    assert(offer !== undefined, 'not offered');
    payee.command({ tag: 'fulfill-htlc', id: offer.id, preimage: preimageOf(label) });
    this.pump();
  }

  close(side: Side, feerate: FeeratePerKw = feeratePerKw(1_000)): Reply | null {
    return side.command({ tag: 'close', script: walletScript(side.name), feerate });
  }

  /** The names of the messages that crossed the link since `from`, with who sent them. */
  saidSince(start: number): string[] {
    return this.said.slice(start).map(({ from, message }) => `${from.name}: ${message.name}`);
  }
}

export const preimageOf = (label: string): Uint8Array => seeded(label, 'preimage');
export const hashOf = (label: string): PaymentHash => paymentHash(toHex(sha256(preimageOf(label))));

export const confirmedAt = (height: number, index = 0): Confirmation => ({
  height: blockHeight(height),
  blockHash: blockHash(toHex(sha256(Uint8Array.of(height & 0xff, (height >> 8) & 0xff)))),
  index: index + 1,
});

import { feeratePerKw } from '../../base/units.ts';
import type { HostedChannel } from '../../node/channel-host.ts';
import { isLive } from '../../channel/state.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../../channel/default-config.ts';
import { decodeMessage, encodeMessage } from '../../wire/wire-message.ts';
import { featuresFor, type FeatureSettings } from '../../wire/features.ts';
import { CALM, TEST_FEATURES, walletScript } from '../two-peer-env.ts';
import { ask, decide, pay, type Bill } from './bills.ts';
import { law } from './law.ts';
import { LawChain } from './law-chain.ts';
import { LawDisk } from './law-disk.ts';
import { LawNode, other, type Who } from './law-node.ts';
import type { Opened } from './opened.ts';
import type { Action, Way } from './schedule.ts';

/** Two nodes, a link that carries bytes, and a chain. */
export class LawWorld {
  readonly chain: LawChain;
  readonly alice: LawNode;
  readonly bob: LawNode;
  readonly bills: Bill[] = [];
  connected = false;
  /** Somebody asked for a close: then a channel may end so. */
  closeAsked = false;
  /** Somebody asked for one alone. */
  #forceAsked = false;
  /** A deadline has passed for which a channel that is still open may go to the chain. */
  #isOverdue = false;
  /** Damages the next HTLC that this node offers. */
  #garbles: Who | null = null;
  #made = 0;

  readonly closes: Way;

  constructor({ disks, envs, fundingTx, wallets }: Opened, closes: Way) {
    this.closes = closes;
    const settings: FeatureSettings =
      closes === 'closing_complete' ? { ...TEST_FEATURES, option_simple_close: 'optional' } : TEST_FEATURES;
    const features = featuresFor('I', settings);
    this.chain = new LawChain([fundingTx, wallets.alice.coins, wallets.bob.coins], 8);
    const nodeOf = (who: Who): LawNode =>
      new LawNode(who, new LawDisk(disks[who]), wallets[who].keys, this.chain, (height, feerates) => ({
        ...envs[who],
        features,
        height,
        feerates,
      }));
    this.alice = nodeOf('alice');
    this.bob = nodeOf('bob');
  }

  /** A channel may end without the other's word. */
  get mayForce(): boolean {
    return this.#forceAsked || this.#isOverdue;
  }

  get nodes(): readonly [LawNode, LawNode] {
    return [this.alice, this.bob];
  }

  async begin(): Promise<void> {
    await this.settle();
    this.look();
    await this.settle();
    this.join();
    await this.pump();
  }

  async act(action: Action): Promise<void> {
    const node = 'who' in action ? this[action.who] : this.alice;
    switch (action.tag) {
      case 'pay':
        await this.#pay(node, action);
        break;
      case 'decide': {
        const held = this.bills.filter(({ payee, preimage }) => payee === action.who && preimage !== null);
        const bill = held[action.which % Math.max(1, held.length)];
        if (bill !== undefined && !node.isDead) decide(node, bill, action.claims);
        break;
      }
      case 'deliver':
        await this.#deliver(action.who, action.count, action.together);
        break;
      case 'talk':
        await this.pump();
        break;
      case 'cut':
        this.cut();
        break;
      case 'join':
        this.join();
        break;
      case 'crash':
        node.disk.crashAt = { ahead: action.ahead, written: action.written };
        break;
      case 'die':
        node.die();
        break;
      case 'rise':
        await this.#rise(node);
        break;
      case 'refuse':
        node.disk.refusals = action.commits;
        break;
      case 'pass':
        for (const one of this.nodes) one.pass(action.seconds * 1_000);
        break;
      case 'clock':
        node.skew += action.seconds;
        break;
      case 'servers':
        node.isOffline = !action.reachable;
        break;
      case 'fees':
        node.feerates = {
          urgent: feeratePerKw(Math.round(CALM.urgent * action.factor)),
          normal: feeratePerKw(Math.round(CALM.normal * action.factor)),
          background: feeratePerKw(Math.max(253, Math.round(CALM.background * action.factor))),
          minimum: CALM.minimum,
        };
        break;
      case 'blocks':
        this.chain.mine(action.count);
        this.look();
        break;
      case 'reorg':
        this.chain.reorganise(action.depth, Math.max(action.depth + 1, action.count), action.loses);
        this.look();
        break;
      case 'look':
        this.#look(node);
        break;
      case 'close':
        this.#close(node, false, action.rate);
        break;
      case 'force':
        this.#close(node, true);
        break;
    }
    await this.settle();
  }

  channelOf(node: LawNode): HostedChannel {
    const [channel] = node.life.channels.all();
    law(channel !== undefined, 'a channel is never forgotten', () => node.who);
    return channel;
  }

  join(): void {
    if (this.connected || this.nodes.some(({ isDead }) => isDead)) return;
    this.connected = true;
    for (const node of this.nodes) node.connect();
  }

  cut(): void {
    if (!this.connected) return;
    this.connected = false;
    for (const node of this.nodes) if (!node.isDead) node.disconnect();
  }

  look(): void {
    for (const node of this.nodes) this.#look(node);
  }

  /** Until nothing moves by itself. A process that died takes its connection along. */
  async settle(): Promise<void> {
    for (;;) {
      // All promise chains end before the next macrotask.
      await new Promise((resolve) => setImmediate(resolve));
      const hangsUp = this.nodes.some((node) => node.wantsHangUp || node.isDead);
      for (const node of this.nodes) node.wantsHangUp = false;
      if (!this.connected || !hangsUp) break;
      this.cut();
    }
    if (!this.connected) for (const { outbox } of this.nodes) outbox.length = 0;
  }

  /** Delivers until nothing is left to say. */
  async pump(): Promise<void> {
    for (let rounds = 0; ; rounds++) {
      law(rounds < 1_000, 'two nodes stop talking');
      await this.settle();
      const counts = this.nodes.map(({ outbox }) => outbox.length);
      if (counts.every((count) => count === 0)) return;
      for (const [i, node] of this.nodes.entries()) await this.#deliver(node.who, counts[i] ?? 0, true);
    }
  }

  async raise(): Promise<void> {
    for (const node of this.nodes) if (node.isDead) await this.#rise(node);
  }

  async #rise(node: LawNode): Promise<void> {
    if (!node.isDead) return;
    node.rise();
    await this.settle();
    this.#look(node);
    await this.settle();
  }

  #look(node: LawNode): void {
    if (node.isDead || node.isOffline) return;
    // What was settled in time is no reason any more.
    if (this.nodes.some((one) => this.#isDue(one))) this.#isOverdue = true;
    else if (this.nodes.every((one) => isOpen(one))) this.#isOverdue = false;
    node.look();
  }

  /** By what is on the chain now, a channel may have to go there. */
  #isDue(node: LawNode): boolean {
    const [channel] = node.life.channels.all();
    const durable = channel?.state.durable ?? null;
    const { height } = this.chain;
    const { fulfillSafety, expiryGrace, closingTimeout } = DEFAULT_CHANNEL_CONFIG;
    if (durable?.phase === 'closing')
      return durable.mutual !== null && height >= (durable.talk?.since ?? 0) + closingTimeout;
    if (durable === null || !isLive(durable)) return false;
    const { ledger } = durable;
    return (
      [...ledger.outgoing.values()].some(
        ({ add, step }) => step > 0 && height >= add.cltvExpiry + expiryGrace,
      ) ||
      [...ledger.incoming.values()].some(
        ({ add, removal }) => removal?.tag === 'fulfill' && height >= add.cltvExpiry - fulfillSafety,
      ) ||
      (durable.phase === 'negotiating' && height >= durable.since + closingTimeout)
    );
  }

  async #pay(payer: LawNode, { kind, amount, which }: Action & { readonly tag: 'pay' }): Promise<void> {
    const payee = this[other(payer.who)];
    let bill: Bill | undefined;
    if (kind === 'again') {
      const theirs = this.bills.filter((one) => one.payee === payee.who);
      bill = theirs[which % Math.max(1, theirs.length)];
    } else if (!payee.isDead) {
      const before = this.bills.length;
      ask(payee, amount, kind, this.#made++, (given) => this.bills.push(given));
      await this.settle();
      bill = this.bills[before];
    }
    if (bill === undefined || payer.isDead) return;
    if (kind === 'garbled') this.#garbles = payer.who;
    pay(payer, bill);
    if (kind === 'twice') pay(payer, bill);
  }

  async #deliver(from: Who, count: number, together: boolean): Promise<void> {
    const sender = this[from];
    const receiver = this[other(from)];
    for (let i = 0; i < count && this.connected && !receiver.isDead; i++) {
      const bytes = sender.outbox.shift();
      if (bytes === undefined) return;
      receiver.hear(this.#onTheWay(from, bytes));
      if (!together) await this.settle();
    }
  }

  #onTheWay(from: Who, bytes: Uint8Array): Uint8Array {
    if (this.#garbles !== from) return bytes;
    const decoded = decodeMessage(bytes);
    if (!decoded.ok || decoded.value.name !== 'update_add_htlc') return bytes;
    this.#garbles = null;
    const onion = decoded.value.onion.slice();
    onion[0] = 0xff;
    return encodeMessage({ ...decoded.value, onion });
  }

  #close(node: LawNode, alone: boolean, rate = 1_000): void {
    if (node.isDead) return;
    this.closeAsked = true;
    if (alone) this.#forceAsked = true;
    const { life } = node;
    life.driver.submit((turn) =>
      life.channels.command(
        turn,
        this.channelOf(node),
        alone
          ? { tag: 'force-close' }
          : { tag: 'close', script: walletScript(node.who), feerate: feeratePerKw(rate) },
      ),
    );
  }
}

/** Not where a disk may be ahead of what was last seen. */
function isOpen({ isDead, life }: LawNode): boolean {
  if (isDead) return false;
  const [channel] = life.channels.all();
  const durable = channel?.state.durable ?? null;
  return durable !== null && isLive(durable);
}

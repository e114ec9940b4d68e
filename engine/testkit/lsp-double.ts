import { fromHex } from '../base/bytes.ts';
import type { CommandId, NodeId, PaymentId } from '../base/ids.ts';
import { blockHeight, feeratePerKw, msat, sat, type Sat } from '../base/units.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { ChannelCommand } from '../channel/command.ts';
import type { Effect } from '../channel/effect.ts';
import type { Env } from '../channel/env.ts';
import type { ChannelEvent } from '../channel/event.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import { transition } from '../channel/machine.ts';
import type { ChannelMessage, Init } from '../channel/message.ts';
import { firstCommitments } from '../channel/phases/opening/first-commitments.ts';
import { newChannel, type ChannelState } from '../channel/state.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeBolt11 } from '../invoice/bolt11-decode.ts';
import type { Bolt11Invoice } from '../invoice/bolt11.ts';
import { LSPS_MESSAGE } from '../lsp/lsps0.ts';
import type { LspServer } from '../node/lsp-api.ts';
import { identityOf } from '../noise/handshake.ts';
import { encodePayload } from '../onion/payload.ts';
import { buildOnion } from '../onion/sphinx.ts';
import { PeerConnections } from '../peer/connections.ts';
import { featuresFor, type FeatureSettings } from '../wire/features.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { paying, spending } from './fake-chain.ts';
import type { NodeWorld } from './node-world.ts';
import { RoomShop } from './room-shop.ts';
import { sessionConfig } from './session-config.ts';
import { nodeIdOf, seeded, TEST_FEATURES, testEnv, walletScript } from './two-peer-env.ts';
import { value } from './wallet-world.ts';

const { option_scid_alias: _alias, ...withoutAlias } = TEST_FEATURES;
const WITH_ZEROCONF: FeatureSettings = { ...TEST_FEATURES, option_zeroconf: 'optional' };
export const WITHOUT_ALIAS: FeatureSettings = withoutAlias;

type Json = Readonly<Record<string, unknown>>;
/** A part that arrives for the client: what the payer wrote, and what the LSP keeps of it. */
export type Part = { readonly amount: bigint; readonly kept: bigint };

/** An LSP that does what a test wants, over a channel machine of its own; it is the payer of what it forwards, too. */
export class LspDouble {
  readonly name: string;
  readonly id: NodeId;
  readonly heard: WireMessage[] = [];
  readonly asked: { readonly method: string; readonly params: Json; readonly text: string }[] = [];
  /** How its HTLCs ended, in the order of their ends. */
  readonly results: HtlcResult[] = [];
  terms: Json;
  bought: Json = { jit_channel_scid: '100x1x0', lsp_cltv_expiry_delta: 72, client_trusts_lsp: false };
  readonly shop: RoomShop;
  /** In the place of the whole answer, as text; null: nothing is said. */
  answer: ((method: string, id: string, good: string) => string | null) | null = null;
  /** What is said instead of a message of the channel. */
  tap: (message: ChannelMessage) => ChannelMessage = (message) => message;
  /** What it does not listen to. */
  deaf: (message: WireMessage) => boolean = () => false;
  /** Whether its funding transaction is shown to anybody. */
  publishes = true;
  /** That transaction pays a script of its own. */
  fundsElsewhere = false;
  /** Until what it forwards expires. */
  blocks = 50;
  /** Without it revokes, and never signs by itself: as LND that died in between. */
  signs = true;
  /** Waits for no confirmation. */
  hurries = true;
  /** Its channels have option_scid_alias in their type. */
  typesAlias = true;
  readonly #world: NodeWorld;
  readonly #env: Env;
  readonly #connections: PeerConnections;
  #state: ChannelState = newChannel;
  #client: NodeId | null = null;
  #init: Init | null = null;
  #funding: Tx | null = null;
  #kept: bigint[] = [];
  #sent = 0;
  #closes = false;

  constructor(world: NodeWorld, name = 'lsp', features: FeatureSettings = WITH_ZEROCONF) {
    this.#world = world;
    this.name = name;
    this.id = nodeIdOf(name);
    this.shop = new RoomShop(name, () => world.clock.now());
    this.#env = { ...testEnv({ name }, 'client'), fundingSeen: true };
    this.terms = {
      min_fee_msat: '2000000',
      proportional: 10_000,
      valid_until: new Date((world.clock.now() + 7_200) * 1000).toISOString(),
      min_lifetime: 1008,
      max_client_to_self_delay: 2016,
      min_payment_size_msat: '1000000',
      max_payment_size_msat: '100000000000',
      promise: 'a promise',
    };
    this.#connections = new PeerConnections({
      dial: world.network.dial,
      clock: world.clock,
      random: this.#env.random,
      session: sessionConfig(1, {
        identity: identityOf(new Secret(seeded(name, 'node'))),
        features: featuresFor('I', features),
        isCustom: (type) => type === LSPS_MESSAGE,
      }),
      hasChannel: () => false,
      onUp: (nodeId, init, connection) => {
        this.#client = nodeId;
        this.#init = init;
        this.#connections.begin(nodeId, connection);
        if (this.#state.durable !== null) this.apply({ tag: 'connected', remoteInit: init });
      },
      onMessage: (_, message) => this.#onMessage(message),
      onDown: () => {
        this.#init = null;
        if (this.#state.durable !== null) this.apply({ tag: 'disconnected' });
      },
      onChange: () => undefined,
    });
    this.listen();
  }

  /** As settings name it. */
  server(change: Partial<LspServer> = {}): LspServer {
    return {
      alias: this.name,
      nodeId: this.id,
      host: this.name,
      port: 9735,
      token: null,
      trusted: true,
      ...change,
    };
  }

  listen(): void {
    this.#world.network.listen(this.name, (socket) => this.#connections.accept(socket));
  }

  /** Nobody reaches it any more. */
  async vanish(): Promise<void> {
    this.#world.network.listen(this.name, (socket) => {
      socket.close();
      return { onOpen: () => undefined, onData: () => undefined, onClose: () => undefined };
    });
    if (this.#client !== null) this.#connections.release(this.#client);
    await this.#world.settle();
  }

  get state(): ChannelState {
    return this.#state;
  }

  get isConnected(): boolean {
    return this.#init !== null;
  }

  /** Says these bytes as LSPS0. */
  async say(payload: Uint8Array | string): Promise<void> {
    const bytes = typeof payload === 'string' ? encodeUtf8(payload) : payload;
    this.#send({ name: 'unknown', type: LSPS_MESSAGE, payload: bytes });
    await this.#world.settle();
  }

  publishNow(): void {
    if (this.#funding !== null) this.#world.chain.add(this.#funding);
  }

  /** Opens a channel to whoever is connected. */
  async open(amount: bigint, announce = false, pushed = 0n): Promise<void> {
    if (this.#init === null) throw new Error('nobody is connected');
    this.#state = newChannel;
    this.apply({ tag: 'connected', remoteInit: this.#init });
    this.command({
      tag: 'open',
      amount: sat(amount),
      push: msat(pushed),
      announce,
      zeroConf: false,
      feerate: feeratePerKw(1_000),
      shutdownScript: walletScript(this.name),
    });
    await this.#world.settle();
  }

  /** Forwards these parts of a payment of `total`, all together when not said. */
  async forward(
    text: string,
    parts: readonly Part[],
    total = parts.reduce((sum, { amount }) => sum + amount, 0n),
    payee: NodeId | null = null,
  ): Promise<void> {
    const decoded = value(decodeBolt11(text, 'regtest'));
    const invoice = payee === null ? decoded : { ...decoded, payee };
    for (const { amount, kept } of parts) {
      this.#kept.push(kept);
      this.command({
        tag: 'add-htlc',
        amount: msat(amount - kept),
        paymentHash: invoice.paymentHash,
        cltvExpiry: blockHeight(this.#height() + this.blocks),
        onion: this.#onion(invoice, amount, total),
        origin: { paymentId: invoice.paymentHash as string as PaymentId, attempt: this.#sent++ },
      });
    }
    this.apply({ tag: 'idle' });
    await this.#world.settle();
  }

  #onion(invoice: Bolt11Invoice, amount: bigint, total: bigint): Uint8Array {
    const { paymentSecret } = invoice;
    if (paymentSecret === null) throw new Error('no payment secret');
    const payload = encodePayload({
      amtToForward: msat(amount),
      outgoingCltvValue: blockHeight(this.#height() + this.blocks),
      paymentData: { paymentSecret, total: msat(total) },
    });
    const hops = [{ nodeId: fromHex(invoice.payee), payload }];
    const key = seeded(this.name, `session ${this.#sent}`);
    return value(buildOnion(key, hops, fromHex(invoice.paymentHash))).packet;
  }

  /** Its commitment goes to the chain. */
  closeByForce(): void {
    this.#closes = true;
    this.command({ tag: 'force-close' });
  }

  command(command: ChannelCommand): void {
    this.apply({ tag: 'command', id: `${this.name}-${this.#sent++}` as CommandId, command });
  }

  apply(event: ChannelEvent): void {
    const height = blockHeight(this.#height());
    const { next, after } = transition(this.#state, event, {
      ...this.#env,
      ...(this.typesAlias ? {} : { features: featuresFor('I', WITHOUT_ALIAS) }),
      height,
      peerId: this.#client ?? this.id,
      moreToCome: !this.signs,
    });
    this.#state = next;
    for (const effect of after) this.#run(effect);
  }

  #height(): number {
    return this.#world.chain.blocks.length - 1;
  }

  #run(effect: Effect): void {
    if (effect.tag === 'send') this.#send(this.tap(this.#withFee(effect.message)));
    else if (effect.tag === 'settle') this.results.push(effect.result);
    else if (effect.tag === 'publish' && effect.purpose === 'local-commitment') {
      if (this.#closes) this.#world.chain.add(effect.tx);
    } else if (effect.tag === 'publish' && effect.purpose === 'funding') {
      this.#funding = effect.tx;
      if (this.publishes) this.publishNow();
      if (this.hurries) this.hurry();
    } else if (effect.tag === 'notify' && effect.notice.tag === 'funding-needed') {
      const { script, amount } = effect.notice;
      if (this.fundsElsewhere) return this.#fundElsewhere(amount);
      // From a coin that the chain has.
      const coin = paying([walletScript(this.name), amount]);
      this.#world.chain.add(coin);
      const tx = spending([{ txId: txIdOf(coin), index: 0 }], [{ script, amount }]);
      const inputs = tx.inputs.map((input) => ({
        ...input,
        witness: [new Uint8Array(71), new Uint8Array(33)],
      }));
      this.command({ tag: 'funding-built', tx: { ...tx, inputs }, outputIndex: 0 });
    }
  }

  #fundElsewhere(amount: Sat): void {
    const { session } = this.#state;
    if (session.link !== 'opening' || session.open.stage !== 'funding-wanted')
      throw new Error('not accepted');
    const tx = paying([walletScript(this.name), amount]);
    const outPoint = { txId: txIdOf(tx), index: 0 };
    const { agreement } = session.open;
    const { remote } = firstCommitments(agreement, 'local', outPoint, this.#env);
    this.#world.chain.add(tx);
    this.#send({
      name: 'funding_created',
      temporaryChannelId: agreement.temporaryId,
      fundingTxId: outPoint.txId,
      fundingOutputIndex: 0,
      signature: this.#env.signer.signRemoteCommitment(remote).signature,
    });
  }

  /** It trusts its own transaction. */
  hurry(): void {
    const { durable } = this.#state;
    if (durable?.phase !== 'funding-pending') return;
    this.#state = { ...this.#state, durable: { ...durable, params: { ...durable.params, minimumDepth: 0 } } };
    this.apply({ tag: 'idle' });
  }

  #withFee(message: ChannelMessage): ChannelMessage {
    if (message.name !== 'update_add_htlc') return message;
    const kept = this.#kept[Number(message.id)] ?? 0n;
    return kept === 0n ? message : { ...message, extraFee: msat(kept) };
  }

  #onMessage(message: WireMessage): void {
    this.heard.push(message);
    if (this.deaf(message)) return;
    if (message.name === 'unknown') return this.#serve(decodeUtf8(message.payload) ?? '');
    if (message.name === 'channel_reestablish' && this.#state.durable === null)
      return this.#send({ name: 'error', channelId: message.channelId, data: encodeUtf8('no such channel') });
    if ('channelId' in message || 'temporaryChannelId' in message)
      this.apply({ tag: 'message', message: message as ChannelMessage });
    this.apply({ tag: 'idle' });
  }

  #serve(text: string): void {
    const request = JSON.parse(text) as {
      readonly id: string;
      readonly method: string;
      readonly params: Json;
    };
    this.asked.push({ method: request.method, params: request.params, text });
    const result = this.#resultOf(request.method, request.params);
    const good = JSON.stringify({ jsonrpc: '2.0', id: request.id, result });
    const said = this.answer === null ? good : this.answer(request.method, request.id, good);
    if (said !== null) this.#send({ name: 'unknown', type: LSPS_MESSAGE, payload: encodeUtf8(said) });
  }

  #resultOf(method: string, params: Json): Json {
    if (method.startsWith('lsps1.')) return this.shop.serve(method, params);
    return method === 'lsps2.get_info' ? { opening_fee_params_menu: [this.terms] } : this.bought;
  }

  #send(message: WireMessage): void {
    if (this.#client !== null) this.#connections.send(this.#client, message);
  }
}

import { Rpc } from '../rpc.ts';
import type {
  InvoiceRequest,
  OpenedChannel,
  OpenRequest,
  PaidPayment,
  PayOptions,
  PeerChannel,
  PeerEvent,
  PeerInvoice,
} from '../real-peer.ts';
import { until } from '../until.ts';
import { Broadcaster } from './broadcaster.ts';
import { ChainSync } from './chain-sync.ts';
import { ChannelDesk } from './channel-desk.ts';
import type { LdkCommands } from './control.ts';
import { buildCore, type Core } from './core.ts';
import { customMessages, type ConnectionNews, type LspsText } from './custom-messages.ts';
import { EventDesk } from './event-desk.ts';
import { warning } from './events.ts';
import { Fundings } from './fundings.ts';
import { createInvoice } from './invoice.ts';
import { Journal } from './journal.ts';
import { knownChannels } from './known-channels.ts';
import { hex, ldk, load, pin, trimReferences, unhex } from './library.ts';
import { LspService } from './lsp-service.ts';
import { OnchainWallet } from './onchain-wallet.ts';
import { Payments } from './payments.ts';
import { seedOf } from './seed.ts';
import type { LdkSettings } from './settings.ts';
import { folderStore, memoryStore, type LdkStore } from './store.ts';
import { Teller } from './teller.ts';
import { Till } from './till.ts';
import { Transport } from './transport.ts';

const PEER_TICK_MS = 10_000;
const PEER_TICKS_PER_NODE_TICK = 6;
const REBROADCAST_MS = 15_000;

/** A Lightning node: LDK in WebAssembly, Node.js's sockets, bitcoind's chain. */
export class LdkNode implements LdkCommands {
  readonly id: string;
  readonly transport: Transport;
  port = 0;
  readonly #core: Core;
  readonly #rpc: Rpc;
  readonly #settings: LdkSettings;
  readonly #wallet: OnchainWallet;
  readonly #broadcaster: Broadcaster;
  readonly #payments: Payments;
  readonly #desk: EventDesk;
  readonly #channels: ChannelDesk;
  readonly #teller: Teller;
  readonly #tell: (event: PeerEvent) => void;
  readonly #fundings: Fundings;
  readonly #news: (ConnectionNews | LspsText)[];
  readonly #outbox: LspsText[];
  readonly #lsp: LspService | null;
  readonly #handler: ldk.EventHandler;
  readonly #incoming: ldk.Event[] = [];
  readonly #journal: Journal;
  readonly #chain: ChainSync;
  readonly #feerate: { perKw: number };
  readonly #timers: NodeJS.Timeout[] = [];
  #isPumping = false;
  #pumpAgain = false;
  #isStopped = false;

  private constructor(parts: NodeParts) {
    this.id = parts.core.id;
    this.#core = parts.core;
    this.#rpc = parts.rpc;
    this.#settings = parts.settings;
    this.#wallet = parts.wallet;
    this.#broadcaster = parts.broadcaster;
    this.#teller = parts.teller;
    this.#tell = parts.tell;
    this.#news = parts.news;
    this.#outbox = parts.outbox;
    this.#journal = parts.journal;
    this.#feerate = parts.feerate;
    const pump = (): void => this.pump();
    this.#chain = new ChainSync({ ...parts, ...this.#core, stirred: pump });
    this.#payments = new Payments(this.#core.channels, pump);
    this.#fundings = new Fundings(parts.journal.beside, this.#core.channels, (transactions) =>
      this.#broadcaster.push(transactions),
    );
    const { lsp } = parts.settings;
    this.#lsp =
      lsp === null || parts.till === null
        ? null
        : new LspService({
            terms: lsp,
            store: parts.journal.beside,
            channels: this.#core.channels,
            till: parts.till,
            invoice: (request) => this.createInvoice(request),
            open: (request, userId) => this.#channels.open(request, true, userId),
            isConnected: (nodeId) => this.#isConnected(nodeId),
            sign: parts.core.sign,
            pump,
            warn: (text) => parts.tell(warning(text)),
          });
    this.#desk = new EventDesk({
      ...parts,
      payments: this.#payments,
      fundings: this.#fundings,
      lsp: this.#lsp,
      pump,
      transport: () => this.transport,
    });
    this.#channels = new ChannelDesk({ ...parts, ...this.#core, desk: this.#desk, pump });
    this.transport = new Transport(this.#core.peers, pump);
    const taken = pin(ldk.Result_NoneReplayEventZ.constructor_ok());
    this.#handler = pin(
      ldk.EventHandler.new_impl({
        handle_event: (event) => {
          this.#incoming.push(event);
          return taken;
        },
      }),
    );
  }

  /** Resolves when it listens. */
  static async start(settings: LdkSettings, listener: (event: PeerEvent) => void): Promise<LdkNode> {
    await load();
    const rpc = new Rpc(settings.rpc);
    const teller = new Teller(listener);
    const tell = (event: PeerEvent): void => teller.tell(event);
    const store = settings.folder === null ? memoryStore() : folderStore(settings.folder);
    const seed = seedOf(store, settings);
    const broadcaster = new Broadcaster(rpc, tell);
    const journal = new Journal(store);
    const news: (ConnectionNews | LspsText)[] = [];
    const outbox: LspsText[] = [];
    const feerate = { perKw: settings.commitmentFeerate };
    const core = await buildCore(settings, rpc, store, seed, {
      monitors: journal.monitors((error) => tell(warning(error))),
      broadcast: (transactions) => broadcaster.push(transactions),
      commitmentFeerate: () => feerate.perKw,
      messages: customMessages(settings.lsp !== null, (item) => news.push(item), outbox),
    });
    const wallet = await OnchainWallet.open(rpc, seed);
    const till = settings.lsp === null ? null : await Till.open(rpc, `till-${core.id.slice(2, 18)}`);
    const node = new LdkNode({
      settings,
      rpc,
      store,
      core,
      wallet,
      till,
      broadcaster,
      teller,
      tell,
      news,
      outbox,
      journal,
      feerate,
    });
    core.channels.timer_tick_occurred();
    node.pump();
    if (settings.port !== null) node.port = await node.transport.listen(settings.port);
    node.#fundings.offerAgain();
    node.#lsp?.resume();
    node.#startTimers();
    return node;
  }

  /** Lets LDK do what it has to do, saves, and only then lets its messages leave. */
  pump(): void {
    if (this.#isStopped) return;
    if (this.#isPumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#isPumping = true;
    this.#teller.hold();
    try {
      do {
        this.#pumpAgain = false;
        this.#core.peers.process_events();
        for (const source of this.#core.eventSources) {
          source.process_pending_events(this.#handler);
          trimReferences(source);
        }
        this.#handleIncoming();
      } while (this.#pumpAgain);
      this.#save();
    } finally {
      this.#isPumping = false;
      this.#teller.release();
    }
    this.transport.flush();
  }

  async connect(nodeId: string, host: string, port: number): Promise<void> {
    if (this.#isConnected(nodeId)) return;
    await this.transport.dial(nodeId, host, port);
    await until(() => this.#isConnected(nodeId), {
      what: 'the exchange of init',
      everyMs: 2,
      timeoutMs: 10_000,
    });
  }

  disconnect(nodeId: string): void {
    this.#core.peers.disconnect_by_node_id(unhex(nodeId));
    this.pump();
  }

  openChannel(request: OpenRequest): Promise<OpenedChannel> {
    return this.#channels.open(request, this.#settings.scidAlias);
  }

  createInvoice(request: InvoiceRequest): PeerInvoice {
    const { bolt11, hash } = createInvoice(this.#core.channels, this.#core.signer, request);
    this.pump();
    return { bolt11, paymentHash: hex(hash) };
  }

  pay(bolt11: string, options: PayOptions): Promise<PaidPayment> {
    return this.#payments.pay(bolt11, options);
  }

  paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment> {
    return this.#payments.paySpontaneously(nodeId, amountMsat);
  }

  claim(preimage: string): void {
    this.#core.channels.claim_funds(unhex(preimage));
    this.pump();
  }

  fail(paymentHash: string): void {
    this.#core.channels.fail_htlc_backwards(unhex(paymentHash));
    this.pump();
  }

  close(channelId: string): void {
    this.#channels.close(channelId);
  }

  forceClose(channelId: string): void {
    this.#channels.forceClose(channelId);
  }

  channels(): PeerChannel[] {
    return this.#channels.list();
  }

  knownChannels(): string[] {
    return knownChannels(this.#core.graph);
  }

  onchainSat(): Promise<bigint> {
    return this.#wallet.balanceSat();
  }

  onchainAddress(): string {
    return this.#wallet.address;
  }

  async sync(): Promise<void> {
    await this.#broadcaster.idle();
    await this.#chain.toTip();
    await this.#desk.idle();
    await this.#broadcaster.idle();
  }

  setForwardingFee(channelId: string, feeBaseMsat: number): void {
    this.#channels.setForwardingFee(channelId, feeBaseMsat);
  }

  setFeerate(perKw: number): void {
    this.#feerate.perKw = perKw;
    this.#core.channels.timer_tick_occurred();
    this.pump();
  }

  memory(): { rss: number } {
    return { rss: process.memoryUsage().rss };
  }

  async stop(): Promise<void> {
    this.#core.peers.disconnect_all_peers();
    this.pump();
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#lsp?.stop();
    await this.transport.stop();
    await this.#chain.stop();
    await this.#broadcaster.idle();
    this.#rpc.close();
  }

  #startTimers(): void {
    const every = (ms: number, work: () => void): void => {
      this.#timers.push(setInterval(work, ms));
    };
    let ticks = 0;
    every(PEER_TICK_MS, () => {
      this.#core.peers.timer_tick_occurred();
      if (++ticks % PEER_TICKS_PER_NODE_TICK === 0) this.#core.channels.timer_tick_occurred();
      this.pump();
    });
    every(REBROADCAST_MS, () => {
      this.#core.monitors.rebroadcast_pending_claims();
      this.pump();
    });
    every(this.#settings.pollMs, () => {
      this.#lsp?.channels.look();
      this.pump();
      this.#chain.look().catch((error: unknown) => this.#tell(warning(error)));
    });
  }

  #isConnected(nodeId: string): boolean {
    return this.#core.peers.list_peers().some((peer) => hex(peer.get_counterparty_node_id()) === nodeId);
  }

  #handleIncoming(): void {
    for (const news of this.#news.splice(0)) {
      if (news.type === 'lsps') this.#serve(news);
      else {
        this.#tell(news);
        if (news.type === 'connected') this.#lsp?.connected(news.nodeId);
      }
      this.#pumpAgain = true;
    }
    for (const event of this.#incoming.splice(0)) {
      this.#desk.handle(event);
      this.#pumpAgain = true;
    }
  }

  #serve({ nodeId, text }: LspsText): void {
    void this.#lsp?.server.answer(nodeId, text).then((answer) => {
      this.#outbox.push({ type: 'lsps', nodeId, text: answer });
      this.pump();
    });
  }

  #save(): void {
    const isDirty = this.#core.channels.get_and_clear_needs_persistence();
    if (isDirty || !this.#journal.isEmpty) this.#journal.commit(this.#core.channels.write());
  }
}

type NodeParts = {
  readonly settings: LdkSettings;
  readonly rpc: Rpc;
  readonly core: Core;
  readonly wallet: OnchainWallet;
  /** Of an LSP. */
  readonly till: Till | null;
  readonly broadcaster: Broadcaster;
  readonly teller: Teller;
  readonly tell: (event: PeerEvent) => void;
  readonly news: (ConnectionNews | LspsText)[];
  readonly outbox: LspsText[];
  readonly store: LdkStore;
  readonly journal: Journal;
  readonly feerate: { perKw: number };
};

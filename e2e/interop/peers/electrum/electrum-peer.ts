import { join } from 'node:path';
import type { PeerWishes } from '../../../real/scenarios/peer-kinds.ts';
import type { Bitcoind } from '../../../world/bitcoind.ts';
import type { Child } from '../../../world/child.ts';
import { channelOf } from '../../../world/channel-wait.ts';
import { freePort, LOOPBACK } from '../../../world/free-port.ts';
import type {
  InvoiceRequest,
  MapCounts,
  OpenedChannel,
  OpenRequest,
  PaidPayment,
  PayOptions,
  PeerAddress,
  PeerChannel,
  PeerInvoice,
  RealPeer,
} from '../../../world/real-peer.ts';
import { bitcoinOf, satOf } from '../../../world/rpc.ts';
import { until } from '../../../world/until.ts';
import { peerChannel, type ElectrumChannel } from './channel-list.ts';
import { injectFeerate, startElectrum, type ElectrumPorts } from './process.ts';
import type { ElectrumRpc } from './rpc.ts';
import { startElectrumX } from './server.ts';

const PATIENCE_MS = 60_000;

type GossipInfo = { readonly database: { readonly channels: number; readonly channel_policies: number } };
type Balance = { readonly confirmed: string; readonly unconfirmed?: string };

/** Electrum's daemon over an ElectrumX of its own, each in a process. */
export class ElectrumPeer implements RealPeer {
  readonly alias: string;
  id = '';
  readonly #chain: Bitcoind;
  readonly #folder: string;
  readonly #ports: ElectrumPorts;
  readonly #wishes: PeerWishes;
  #server: Child | null = null;
  readonly #opened = new Set<string>();
  readonly #dialled = new Map<string, PeerAddress>();
  #child: Child | null = null;
  #rpc: ElectrumRpc | null = null;

  private constructor(chain: Bitcoind, wishes: PeerWishes, ports: ElectrumPorts) {
    this.#chain = chain;
    this.alias = wishes.alias;
    this.#folder = wishes.folder;
    this.#ports = ports;
    this.#wishes = wishes;
  }

  static async start(chain: Bitcoind, wishes: PeerWishes): Promise<ElectrumPeer> {
    const ports = { peers: await freePort(), rpc: await freePort(), server: await freePort() };
    const peer = new ElectrumPeer(chain, wishes, ports);
    await peer.restart();
    return peer;
  }

  get address(): PeerAddress {
    return { host: LOOPBACK, port: this.#ports.peers };
  }

  async fund(amountSat: bigint): Promise<void> {
    const address =
      (await this.#call<string | null>('getunusedaddress')) ?? (await this.#call<string>('createnewaddress'));
    const before = await this.#confirmedSat();
    await this.#chain.fund(address, amountSat);
    await this.sync();
    await until(async () => (await this.#confirmedSat()) >= before + amountSat, {
      what: `coins at ${this.alias}`,
      timeoutMs: PATIENCE_MS,
    });
  }
  async connect(nodeId: string, address: PeerAddress): Promise<void> {
    this.#dialled.set(nodeId, address);
    await this.#call('add_peer', { connection_string: this.#connectionString(nodeId) });
  }
  /** It has no command to hang up. */
  async disconnect(): Promise<void> {
    await this.restart();
  }

  async openChannel({
    nodeId,
    capacitySat,
    pushMsat = 0n,
    announce = false,
    zeroConf = false,
  }: OpenRequest): Promise<OpenedChannel> {
    const point = await this.#call<string>('open_channel', {
      connection_string: this.#connectionString(nodeId),
      amount: bitcoinOf(capacitySat),
      push_amount: bitcoinOf(pushMsat / 1000n),
      public: announce,
      zeroconf: zeroConf,
    });
    this.#opened.add(point);
    const [fundingTxId = '', index = '0'] = point.split(':');
    const { channel_id: channelId } = await this.#channelAt(point);
    return { channelId, fundingTxId, fundingIndex: Number(index) };
  }

  async createInvoice(request: InvoiceRequest): Promise<PeerInvoice> {
    const { amountMsat = 0n, description = '', expirySeconds = 3_600, paymentHash } = request;
    const common = { amount: bitcoinOf(amountMsat / 1000n), memo: description, expiry: expirySeconds };
    if (paymentHash !== undefined) {
      const held = await this.#call<{ invoice: string }>('add_hold_invoice', {
        ...common,
        payment_hash: paymentHash,
      });
      return { bolt11: held.invoice, paymentHash };
    }
    const made = await this.#call<{ lightning_invoice: string; rhash: string }>('add_request', {
      ...common,
      lightning: true,
    });
    return { bolt11: made.lightning_invoice, paymentHash: made.rhash };
  }
  async pay(bolt11: string, options: PayOptions = {}): Promise<PaidPayment> {
    if (options.amountMsat !== undefined) throw new Error('Electrum pays no invoice without an amount');
    const paid = await this.#call<{
      payment_hash: string;
      success: boolean;
      preimage: string | null;
      log: unknown;
    }>('lnpay', { invoice: bolt11 });
    if (!paid.success || paid.preimage === null)
      throw new Error(`${this.alias}: not paid: ${JSON.stringify(paid.log)}`);
    // Its log names the routes in words; a direct payment costs nothing.
    return { paymentHash: paid.payment_hash, preimage: paid.preimage, feeMsat: 0n };
  }
  async waitForHeld(paymentHash: string): Promise<void> {
    await until(
      async () =>
        (await this.#call<{ status: string }>('check_hold_invoice', { payment_hash: paymentHash })).status ===
        'paid',
      { what: `a held payment at ${this.alias}` },
    );
  }
  async claim(preimage: string): Promise<void> {
    await this.#call('settle_hold_invoice', { preimage });
  }
  async fail(paymentHash: string): Promise<void> {
    await this.#call('cancel_hold_invoice', { payment_hash: paymentHash });
  }

  close(channelId: string): Promise<void> {
    return this.#close(channelId, false);
  }
  forceClose(channelId: string): Promise<void> {
    return this.#close(channelId, true);
  }

  async channels(): Promise<readonly PeerChannel[]> {
    const announced = await this.#call<readonly ElectrumChannel[]>('list_channels', { public: true });
    const points = new Set(announced.map(({ channel_point: point }) => point));
    return (await this.#all())
      .filter(({ state }) => !['CLOSED', 'REDEEMED'].includes(state))
      .map((channel) =>
        peerChannel(channel, this.#opened.has(channel.channel_point), points.has(channel.channel_point)),
      );
  }
  waitForChannel(
    matches: (channel: PeerChannel) => boolean,
    what: string,
    timeoutMs = PATIENCE_MS,
  ): Promise<PeerChannel> {
    return channelOf(this, { matches, what, timeoutMs, lastWords: () => this.#all() });
  }
  async asksForGossip(nodeId: string, { host, port }: PeerAddress): Promise<void> {
    await this.#call('add_peer', { connection_string: `${nodeId}@${host}:${port}`, gossip: true });
  }
  async countsMap(): Promise<MapCounts> {
    const { database } = await this.#call<GossipInfo>('gossip_info');
    return { channels: database.channels, terms: database.channel_policies };
  }
  async onchainSat(): Promise<bigint> {
    const { confirmed, unconfirmed = '0' } = await this.#call<Balance>('getbalance');
    return satOf(Number(confirmed)) + satOf(Number(unconfirmed));
  }
  /** With anchors it pays half as much again as its estimate, which is never below 5 sat/vB. */
  async setFeerate(perKw: number): Promise<void> {
    if (this.#rpc === null) throw new Error(`${this.alias} is not running`);
    await injectFeerate(this.#rpc, Math.ceil(perKw / 1.5) * 4);
  }
  async sync(): Promise<void> {
    const height = await this.#chain.height();
    await until(
      async () =>
        (await this.#call<{ blockchain_height: number }>('getinfo')).blockchain_height >= height &&
        (await this.#call<boolean>('is_synchronized')),
      { what: `${this.alias} at height ${height}`, timeoutMs: PATIENCE_MS, everyMs: 40 },
    );
  }

  isRunning(): boolean {
    return this.#child?.isRunning() ?? false;
  }
  /** With its server: nobody else needs that. */
  async stop(): Promise<void> {
    await this.#end();
    await this.#server?.stop();
  }
  /**
   * Not while an HTLC ends: killed between what it saves of one and what it has said of it, Electrum never says that again,
   * and signs commitments as if it had.
   */
  async kill(): Promise<void> {
    const isAtRest = async (): Promise<boolean> =>
      (await this.channels().catch(() => [])).every(
        ({ pendingIncoming, pendingOutgoing }) => pendingIncoming + pendingOutgoing === 0,
      );
    await until(isAtRest, { what: `${this.alias}'s channels to rest`, timeoutMs: PATIENCE_MS });
    await this.#child?.kill();
  }
  async restart(): Promise<void> {
    await this.#end();
    if (this.#server?.isRunning() !== true)
      this.#server = await startElectrumX(
        join(this.#folder, 'server'),
        this.#chain.rpc.target,
        this.#ports.server,
      );
    const { child, rpc, id } = await startElectrum(join(this.#folder, 'electrum'), this.#ports, this.#wishes);
    this.#child = child;
    this.#rpc = rpc;
    this.id = id;
  }

  async #end(): Promise<void> {
    if (!this.isRunning()) return;
    await this.#rpc?.call('stop').catch(() => {
      // It may end before it answers.
    });
    await this.#child?.exited;
  }

  #call<T>(method: string, params: object = {}): Promise<T> {
    if (this.#rpc === null) return Promise.reject(new Error(`${this.alias} is not running`));
    return this.#rpc.call<T>(method, params);
  }

  async #close(channelId: string, force: boolean): Promise<void> {
    const found = (await this.#all()).find(({ channel_id: id }) => id === channelId);
    if (found === undefined) throw new Error(`${this.alias}: no channel ${channelId}`);
    const { channel_point: point } = found;
    const closed = this.#call('close_channel', { channel_point: point, force });
    // Asked to close together it answers once that is done, and never where the line breaks before: who says `shutdown`
    // has begun, and says it again over the next.
    const isBegun = async (): Promise<boolean> => (await this.#channelAt(point)).state !== 'OPEN';
    await Promise.race([closed, until(isBegun, { what: `${this.alias} to close`, timeoutMs: PATIENCE_MS })]);
  }

  #all(): Promise<readonly ElectrumChannel[]> {
    return this.#call<readonly ElectrumChannel[]>('list_channels');
  }

  async #channelAt(point: string): Promise<ElectrumChannel> {
    const found = (await this.#all()).find(({ channel_point: one }) => one === point);
    if (found === undefined) throw new Error(`${this.alias}: no channel at ${point}`);
    return found;
  }

  #connectionString(nodeId: string): string {
    const address = this.#dialled.get(nodeId);
    return address === undefined ? nodeId : `${nodeId}@${address.host}:${address.port}`;
  }

  async #confirmedSat(): Promise<bigint> {
    return satOf(Number((await this.#call<Balance>('getbalance')).confirmed));
  }
}

import { createHash, randomBytes } from 'node:crypto';
import type { PeerWishes } from '../../../real/scenarios/peer-kinds.ts';
import type { Bitcoind } from '../../../world/bitcoind.ts';
import { channelOf } from '../../../world/channel-wait.ts';
import type { Child } from '../../../world/child.ts';
import { LOOPBACK } from '../../../world/free-port.ts';
import type {
  InvoiceRequest,
  OpenedChannel,
  OpenRequest,
  PaidPayment,
  PayOptions,
  PeerAddress,
  PeerChannel,
  PeerInvoice,
  RealPeer,
} from '../../../world/real-peer.ts';
import { scidText } from '../../../world/scid-text.ts';
import { until } from '../../../world/until.ts';
import type { LndChannel, LndEdge, LndInfo, LndPayment, LndPendingChannel } from './answers.ts';
import { channelIdOf, peerChannel, pendingChannel, pointOf } from './channel-list.ts';
import { FeeSource } from './fee-source.ts';
import { newPorts, startLnd, type LndPorts } from './process.ts';
import { base64, hexOf, LndRest, txIdOf } from './rest.ts';

/** The record of a keysend's preimage. */
const KEYSEND = 5_482_373_484;
const FEE_LIMIT_MSAT = 100_000n;
const PAY_SECONDS = 60;
const PATIENCE_MS = 60_000;

/** LND, in a process of its own, driven by its REST gateway. */
export class LndPeer implements RealPeer {
  readonly alias: string;
  id = '';
  readonly #chain: Bitcoind;
  readonly #wishes: PeerWishes;
  readonly #ports: LndPorts;
  readonly #fees = new FeeSource();
  #rest: LndRest;
  #child: Child | null = null;
  #sayings = 0;
  /** Their funding outputs: what it is closing is on no list of channels. */
  readonly #closed = new Map<string, string>();

  private constructor(chain: Bitcoind, wishes: PeerWishes, ports: LndPorts) {
    this.#chain = chain;
    this.alias = wishes.alias;
    this.#wishes = wishes;
    this.#ports = ports;
    this.#rest = new LndRest(ports.rest);
  }

  static async start(chain: Bitcoind, wishes: PeerWishes): Promise<LndPeer> {
    const peer = new LndPeer(chain, wishes, await newPorts());
    await peer.restart();
    return peer;
  }

  get address(): PeerAddress {
    return { host: LOOPBACK, port: this.#ports.peers };
  }

  async fund(amountSat: bigint): Promise<void> {
    const { address } = await this.#rest.get<{ address: string }>('/v1/newaddress?type=TAPROOT_PUBKEY');
    const before = await this.#confirmedSat();
    await this.#chain.fund(address, amountSat);
    await this.sync();
    await until(async () => (await this.#confirmedSat()) >= before + amountSat, {
      what: `coins at ${this.alias}`,
      timeoutMs: PATIENCE_MS,
    });
  }
  async connect(nodeId: string, { host, port }: PeerAddress): Promise<void> {
    const addr = { pubkey: nodeId, host: `${host}:${port}` };
    const isDialled = async (): Promise<boolean> => {
      await this.#rest.post('/v1/peers', { addr, perm: false, timeout: '10' }).catch((error: Error) => {
        // So it says of a connection that is just ending, too.
        if (!error.message.includes('already connected')) throw error;
      });
      return this.#isConnected(nodeId);
    };
    await until(isDialled, { what: `${this.alias} to be connected` });
  }
  async disconnect(nodeId: string): Promise<void> {
    await this.#rest.delete(`/v1/peers/${nodeId}`);
    // It hangs up before it forgets, and what that node dials in between it closes: "Already have outbound connection
    // for %v, ignoring inbound connection" (InboundPeerConnected in server.go).
    await until(async () => !(await this.#isConnected(nodeId)), {
      what: `${this.alias} to have forgotten a connection`,
    });
  }

  async openChannel({
    nodeId,
    capacitySat,
    pushMsat = 0n,
    announce = false,
    zeroConf = false,
  }: OpenRequest): Promise<OpenedChannel> {
    await this.sync();
    const { anchors = true, scidAlias = false } = this.#wishes;
    const opened = await this.#rest.post<{ funding_txid_bytes: string; output_index: number }>(
      '/v1/channels',
      {
        node_pubkey: base64(nodeId),
        local_funding_amount: String(capacitySat),
        // LND counts what it gives away in whole satoshis.
        push_sat: String(pushMsat / 1000n),
        private: !announce,
        sat_per_vbyte: '2',
        commitment_type: anchors ? 'ANCHORS' : 'STATIC_REMOTE_KEY',
        zero_conf: zeroConf,
        scid_alias: scidAlias,
      },
    );
    const fundingTxId = txIdOf(opened.funding_txid_bytes);
    const fundingIndex = opened.output_index;
    return { channelId: channelIdOf(`${fundingTxId}:${fundingIndex}`), fundingTxId, fundingIndex };
  }

  async createInvoice(request: InvoiceRequest): Promise<PeerInvoice> {
    const { amountMsat = 0n, description = '', expirySeconds, paymentHash, blinded = false } = request;
    const body = {
      value_msat: String(amountMsat),
      memo: description,
      // Hints at private channels, or ways that name nobody: never both.
      ...(blinded ? await this.#blinded() : { private: true }),
      ...(expirySeconds === undefined ? {} : { expiry: String(expirySeconds) }),
    };
    if (paymentHash !== undefined) {
      const hash = base64(paymentHash);
      const held = await this.#rest.post<{ payment_request: string }>('/v2/invoices/hodl', { ...body, hash });
      return { bolt11: held.payment_request, paymentHash };
    }
    const made = await this.#rest.post<{ payment_request: string; r_hash: string }>('/v1/invoices', body);
    return { bolt11: made.payment_request, paymentHash: hexOf(made.r_hash) };
  }
  pay(bolt11: string, { amountMsat, maxFeeMsat }: PayOptions = {}): Promise<PaidPayment> {
    return this.#send({
      payment_request: bolt11,
      fee_limit_msat: String(maxFeeMsat ?? FEE_LIMIT_MSAT),
      max_parts: 8,
      ...(amountMsat === undefined ? {} : { amt_msat: String(amountMsat) }),
    });
  }
  paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment> {
    const preimage = randomBytes(32);
    return this.#send({
      dest: base64(nodeId),
      amt_msat: String(amountMsat),
      payment_hash: createHash('sha256').update(preimage).digest('base64'),
      dest_custom_records: { [KEYSEND]: preimage.toString('base64') },
      final_cltv_delta: 80,
      fee_limit_msat: String(FEE_LIMIT_MSAT),
    });
  }
  async waitForHeld(paymentHash: string): Promise<void> {
    await until(
      async () =>
        (await this.#rest.get<{ state: string }>(`/v1/invoice/${paymentHash}`)).state === 'ACCEPTED',
      { what: `a held payment at ${this.alias}` },
    );
  }
  async claim(preimage: string): Promise<void> {
    await this.#rest.post('/v2/invoices/settle', { preimage: base64(preimage) });
  }
  async fail(paymentHash: string): Promise<void> {
    await this.#rest.post('/v2/invoices/cancel', { payment_hash: base64(paymentHash) });
  }

  close(channelId: string, satPerVb = 2): Promise<void> {
    return this.#close(channelId, `sat_per_vbyte=${satPerVb}&no_wait=true`);
  }
  forceClose(channelId: string): Promise<void> {
    return this.#close(channelId, 'force=true');
  }

  async channels(): Promise<readonly PeerChannel[]> {
    const { channels } = await this.#rest.get<{ channels: readonly LndChannel[] }>('/v1/channels');
    const { pending_open_channels: pending } = await this.#rest.get<{
      pending_open_channels: readonly { readonly channel: LndPendingChannel }[];
    }>('/v1/channels/pending');
    return [...channels.map(peerChannel), ...pending.map(({ channel }) => pendingChannel(channel))];
  }
  async tells(paymentHash: string): Promise<unknown> {
    return Promise.all([
      this.#rest.get<unknown>(`/v1/invoice/${paymentHash}`),
      this.#rest.get<unknown>('/v1/channels'),
    ]);
  }
  async waitForChannel(
    matches: (channel: PeerChannel) => boolean,
    what: string,
    timeoutMs = PATIENCE_MS,
  ): Promise<PeerChannel> {
    const channel = await channelOf(this, { matches, what, timeoutMs });
    // Active comes a moment before its own graph has its policy, and no payment finds a way without.
    if (channel.isUsable)
      await until(() => this.#hasPolicy(channel.channelId), {
        what: `the terms of ${what} at ${this.alias}`,
        timeoutMs,
        describe: () => this.channels(),
      });
    return channel;
  }
  async onchainSat(): Promise<bigint> {
    const { total_balance: total } = await this.#rest.get<{ total_balance: string }>(
      '/v1/balance/blockchain',
    );
    return BigInt(total);
  }
  async sayTermsAgain(channelId: string): Promise<void> {
    const { txId, index } = pointOf((await this.#channel(channelId)).channel_point);
    await this.#rest.post('/v1/chanpolicy', {
      chan_point: { funding_txid_str: txId, output_index: index },
      // What does not change is not said.
      base_fee_msat: String(1_001 + (this.#sayings++ % 2)),
      fee_rate_ppm: 1,
      time_lock_delta: 80,
    });
  }
  async hearsTerms(channelId: string): Promise<void> {
    const { chan_id: id } = await this.#channel(channelId);
    const edge = (): Promise<LndEdge | null> =>
      this.#rest.get<LndEdge>(`/v1/graph/edge/${id}`).catch(() => null);
    await until(
      async () => {
        const found = await edge();
        return found !== null && found.node1_policy !== null && found.node2_policy !== null;
      },
      { what: `the terms of both ends at ${this.alias}`, timeoutMs: PATIENCE_MS, describe: edge },
    );
  }
  async knownChannels(): Promise<readonly string[]> {
    const { edges } = await this.#rest.get<{ edges: readonly LndEdge[] }>('/v1/graph');
    return edges
      .filter(({ node1_policy: one, node2_policy: other }) => one !== null && other !== null)
      .map(({ channel_id: id }) => scidText(BigInt(id)));
  }
  /** It asks for a fee rate when it needs one; for its commitments that is seldom. */
  async setFeerate(perKw: number): Promise<void> {
    this.#fees.perKw = perKw;
    const { sat_per_kw: now } = await this.#rest.get<{ sat_per_kw: string }>('/v2/wallet/estimatefee/6');
    if (Number(now) !== perKw) throw new Error(`${this.alias} goes by ${now}, and was told ${perKw}`);
  }
  async sync(): Promise<void> {
    const height = await this.#chain.height();
    await until(
      async () => {
        const info = await this.#rest.get<LndInfo>('/v1/getinfo');
        return info.block_height >= height && info.synced_to_chain && info.wallet_synced !== false;
      },
      { what: `${this.alias} at height ${height}`, timeoutMs: PATIENCE_MS, everyMs: 40 },
    );
  }

  isRunning(): boolean {
    return this.#child?.isRunning() ?? false;
  }
  async stop(): Promise<void> {
    await this.#child?.stop();
    await this.#fees.stop();
  }
  async kill(): Promise<void> {
    await this.#child?.kill();
  }
  async restart(): Promise<void> {
    await this.stop();
    const { child, rest, info } = await startLnd(
      this.#wishes,
      this.#chain.rpc.target,
      this.#ports,
      await this.#fees.start(),
    );
    this.#child = child;
    this.#rest = rest;
    this.id = info.identity_pubkey;
  }

  async #send(request: object): Promise<PaidPayment> {
    const payment = await this.#rest.first<LndPayment>(
      'POST',
      '/v2/router/send',
      ({ status }) => status === 'SUCCEEDED' || status === 'FAILED',
      { ...request, timeout_seconds: PAY_SECONDS, no_inflight_updates: true },
    );
    if (payment.status !== 'SUCCEEDED') {
      const codes = (payment.htlcs ?? []).map(({ failure }) => failure?.code ?? '');
      throw new Error(`${this.alias}: not paid: ${payment.failure_reason} ${codes.join(' ')}`);
    }
    const { payment_hash: paymentHash, payment_preimage: preimage, fee_msat: fee } = payment;
    return { paymentHash, preimage, feeMsat: BigInt(fee) };
  }

  async #close(channelId: string, how: string): Promise<void> {
    const known = this.#closed.get(channelId);
    const point = known ?? (await this.#channel(channelId)).channel_point;
    this.#closed.set(channelId, point);
    const { txId, index } = pointOf(point);
    // Its first word on it says that it has begun.
    await this.#rest.first('DELETE', `/v1/channels/${txId}/${index}?${how}`, () => true);
  }

  async #channel(channelId: string): Promise<LndChannel> {
    const { channels } = await this.#rest.get<{ channels: readonly LndChannel[] }>('/v1/channels');
    const found = channels.find(({ channel_point: point }) => channelIdOf(point) === channelId);
    if (found === undefined) throw new Error(`${this.alias}: no channel ${channelId}`);
    return found;
  }

  /** By its first channel, and one hop more that it makes up: of others it takes only who is announced. */
  async #blinded(): Promise<object> {
    const { channels } = await this.#rest.get<{ channels: readonly LndChannel[] }>('/v1/channels');
    const [first] = channels;
    if (first === undefined) throw new Error(`${this.alias}: no channel for anybody to come by`);
    return { is_blinded: true, blinded_path_config: { num_hops: 2, incoming_channel_list: [first.chan_id] } };
  }
  async #hasPolicy(channelId: string): Promise<boolean> {
    const { chan_id: id } = await this.#channel(channelId);
    const edge = await this.#rest.get<LndEdge>(`/v1/graph/edge/${id}`).catch(() => null);
    return (edge?.node1_pub === this.id ? edge.node1_policy : edge?.node2_policy) != null;
  }

  async #isConnected(nodeId: string): Promise<boolean> {
    const { peers } = await this.#rest.get<{ peers: readonly { pub_key: string }[] }>('/v1/peers');
    return peers.some(({ pub_key: key }) => key === nodeId);
  }

  async #confirmedSat(): Promise<bigint> {
    const { confirmed_balance: confirmed } = await this.#rest.get<{ confirmed_balance: string }>(
      '/v1/balance/blockchain',
    );
    return BigInt(confirmed);
  }
}

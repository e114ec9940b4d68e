import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerWishes } from '../../../real/scenarios/peer-kinds.ts';
import type { Bitcoind } from '../../../world/bitcoind.ts';
import { channelOf } from '../../../world/channel-wait.ts';
import { freePort, LOOPBACK } from '../../../world/free-port.ts';
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
import { until } from '../../../world/until.ts';
import { LDK_NODE, LDK_NODE_PROGRAM } from '../../builds/ldk-node.ts';
import { SoldTwice } from '../../sold-twice.ts';
import { peerChannel, type NodeChannel, type NodePayment } from './answers.ts';
import { Driver } from './driver.ts';
import { ToldFees } from './told-fees.ts';
import { soldUnder } from './sold.ts';

const PATIENCE_MS = 60_000;
const REST_MS = 700;

/** ldk-node, in a process of its own. */
export class LdkNodePeer implements RealPeer {
  readonly alias: string;
  id = '';
  readonly address: PeerAddress;
  readonly #chain: Bitcoind;
  readonly #fees: ToldFees;
  readonly #config: object;
  readonly #folder: string;
  readonly #hasAnchors: boolean;
  readonly #dialled = new Map<string, PeerAddress>();
  #driver: Driver | null = null;

  private constructor(
    chain: Bitcoind,
    { alias, folder, forwards = false, anchors = true, takesUnconfirmedFrom }: PeerWishes,
    address: PeerAddress,
    fees: ToldFees,
  ) {
    this.alias = alias;
    this.#hasAnchors = anchors;
    this.#folder = folder;
    this.address = address;
    this.#chain = chain;
    this.#fees = fees;
    const { user, password } = chain.rpc.target;
    this.#config = {
      folder,
      alias,
      anchors,
      listen: `${address.host}:${address.port}`,
      rpc: { host: LOOPBACK, port: fees.port, user, password },
      ...(takesUnconfirmedFrom === undefined ? {} : { zero_conf_peers: [takesUnconfirmedFrom] }),
      // Only who sells channels forwards to private ones.
      ...(forwards ? { lsps2: { minimum_fee_msat: 1_000_000 } } : {}),
    };
  }

  static async start(chain: Bitcoind, wishes: PeerWishes): Promise<LdkNodePeer> {
    if (!LDK_NODE.isHere()) throw new Error('ldk-node is not built');
    const address = { host: LOOPBACK, port: await freePort() };
    const peer = new LdkNodePeer(chain, wishes, address, new ToldFees(chain.rpc.target, await freePort()));
    await peer.restart();
    return peer;
  }

  async fund(amountSat: bigint): Promise<void> {
    const before = await this.#spendableSat();
    await this.#chain.fund(await this.#call<string>('address'), amountSat);
    await this.sync();
    await until(async () => (await this.#spendableSat()) >= before + amountSat, {
      what: `coins at ${this.alias}`,
      timeoutMs: PATIENCE_MS,
    });
  }
  async connect(nodeId: string, address: PeerAddress): Promise<void> {
    await this.#call('connect', { node_id: nodeId, address: `${address.host}:${address.port}` });
    this.#dialled.set(nodeId, address);
  }
  async disconnect(nodeId: string): Promise<void> {
    await this.#call('disconnect', { node_id: nodeId });
  }
  async openChannel({
    nodeId,
    capacitySat,
    pushMsat,
    announce = false,
  }: OpenRequest): Promise<OpenedChannel> {
    // Of its own last funding transaction its wallet learns by asking.
    await this.sync();
    const { host, port } = this.#dialled.get(nodeId) ?? this.address;
    const userChannelId = await this.#call<string>('open', {
      node_id: nodeId,
      address: `${host}:${port}`,
      capacity_sat: capacitySat,
      push_msat: pushMsat,
      announce,
    });
    const opened = await until(
      async () => {
        const found = (await this.#channels()).find((one) => one.user_channel_id === userChannelId);
        if (found === undefined) throw new Error(`${this.alias}: not opened: ${this.#lastReason()}`);
        return found.funding_txid === null ? null : found;
      },
      { what: `a funding transaction of ${this.alias}` },
    );
    return {
      channelId: opened.channel_id,
      fundingTxId: opened.funding_txid ?? '',
      fundingIndex: opened.funding_index ?? 0,
    };
  }

  async createInvoice(request: InvoiceRequest): Promise<PeerInvoice> {
    const { amountMsat, description = '', expirySeconds, paymentHash } = request;
    const made = await this.#call<{ bolt11: string; payment_hash: string }>('invoice', {
      amount_msat: amountMsat,
      description,
      expiry_seconds: expirySeconds,
      payment_hash: paymentHash,
    });
    return { bolt11: made.bolt11, paymentHash: made.payment_hash };
  }
  async pay(bolt11: string, { amountMsat }: PayOptions = {}): Promise<PaidPayment> {
    return this.#paid(await this.#call<string>('pay', { bolt11, amount_msat: amountMsat }));
  }
  async paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment> {
    return this.#paid(await this.#call<string>('keysend', { node_id: nodeId, amount_msat: amountMsat }));
  }
  async waitForHeld(paymentHash: string): Promise<void> {
    await until(() => this.#heldMsat(paymentHash), { what: `a held payment at ${this.alias}` });
  }
  async claim(preimage: string): Promise<void> {
    const hash = createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
    const amount = this.#heldMsat(hash);
    if (amount === undefined) throw new Error(`${this.alias} holds no payment ${hash}`);
    await this.#call('claim', { preimage, payment_hash: hash, amount_msat: amount });
  }
  async fail(paymentHash: string): Promise<void> {
    await this.#call('fail', { payment_hash: paymentHash });
  }

  async close(channelId: string): Promise<void> {
    await this.#call('close', await this.#named(channelId));
  }
  async forceClose(channelId: string): Promise<void> {
    await this.#call('force_close', await this.#named(channelId));
  }
  async channels(): Promise<readonly PeerChannel[]> {
    return (await this.#channels()).map((one) => peerChannel(one, this.#hasAnchors));
  }
  waitForChannel(
    matches: (channel: PeerChannel) => boolean,
    what: string,
    timeoutMs = PATIENCE_MS,
  ): Promise<PeerChannel> {
    return channelOf(this, { matches, what, timeoutMs, lastWords: () => this.#driver?.events.slice(-5) });
  }
  async onchainSat(): Promise<bigint> {
    return BigInt((await this.#call<{ total_sat: string }>('balance')).total_sat);
  }
  knownChannels(): Promise<readonly string[]> {
    return this.#call<readonly string[]>('graph');
  }
  /** It asks for estimates as it syncs, and looks at its channels once in a minute. */
  async setFeerate(perKw: number): Promise<void> {
    this.#fees.perKw = perKw;
    await this.sync();
  }
  async sync(): Promise<void> {
    const height = await this.#chain.height();
    await until(
      async () => {
        await this.#syncs();
        return (await this.#call<number>('height')) >= height;
      },
      { what: `${this.alias} at height ${height}`, timeoutMs: PATIENCE_MS },
    );
    // One that found another under way has only waited for that.
    await this.#syncs();
  }
  /** Each of its steps has a time of its own, which is short on a busy machine: then it is asked again. */
  async #syncs(): Promise<void> {
    const isDone = (): Promise<boolean> =>
      this.#call('sync').then(
        () => true,
        (error: Error) => {
          if (!error.message.includes('Timeout')) throw error;
          return false;
        },
      );
    await until(isDone, { what: `${this.alias} to be told of the chain`, timeoutMs: PATIENCE_MS });
  }

  isRunning(): boolean {
    return this.#driver?.isRunning ?? false;
  }
  async stop(): Promise<void> {
    await this.#driver?.stop();
    await this.#fees.stop();
  }
  /**
   * Not while it writes: killed between a channel's monitor and its manager, LDK closes the channel when it starts again
   * ("ChannelManager read from disk was stale compared to ChannelMonitor(s)").
   */
  async kill(): Promise<void> {
    await until(async () => Date.now() - (await lastWritten(this.#folder)) > REST_MS, {
      what: `${this.alias}'s disk to rest`,
    });
    await this.#driver?.kill();
  }
  async restart(): Promise<void> {
    await this.stop();
    await this.#fees.start();
    const { driver, id } = await until(() => this.#startedUnlessTaken(), {
      what: `the port of ${this.alias} to be free`,
    });
    this.#driver = driver;
    this.id = id;
  }

  /** Null when somebody has its port, as what dials out may for a moment. */
  async #startedUnlessTaken(): Promise<Awaited<ReturnType<typeof Driver.start>> | null> {
    try {
      return await Driver.start(LDK_NODE_PROGRAM, this.#config);
    } catch (error) {
      if (String(error).includes('InvalidSocketAddress')) return null;
      return this.#notStarted(error as Error);
    }
  }

  async #notStarted(error: Error): Promise<never> {
    const sold = /ReadFailed/.test(error.message)
      ? soldUnder(await readFile(join(this.#folder, 'ldk_node.log'), 'utf8'))
      : [];
    const twice = sold.find((scid, i) => sold.indexOf(scid) < i);
    throw twice === undefined
      ? error
      : new SoldTwice(`${this.alias} sold two channels as ${twice}`, { cause: error });
  }

  #call<T>(cmd: string, args: object = {}): Promise<T> {
    if (this.#driver === null) return Promise.reject(new Error(`${this.alias} is not running`));
    return this.#driver.call<T>(cmd, args);
  }

  async #paid(paymentId: string): Promise<PaidPayment> {
    const {
      state,
      hash,
      preimage,
      fee_msat: fee,
    } = await until(
      async () => {
        const payment = await this.#call<NodePayment | null>('payment', { payment_id: paymentId });
        return payment === null || payment.state === 'pending' ? null : payment;
      },
      { what: `the end of ${this.alias}'s payment`, timeoutMs: PATIENCE_MS, everyMs: 100 },
    );
    if (state !== 'succeeded' || preimage === null)
      throw new Error(`${this.alias}: not paid: ${await this.#reasonFor(paymentId)}`);
    return { paymentHash: hash ?? '', preimage, feeMsat: BigInt(fee) };
  }

  #heldMsat(paymentHash: string): string | undefined {
    return this.#driver?.events.find(({ held }) => held === paymentHash)?.amount_msat;
  }

  /** Its list of payments has the end of one before its events do. */
  #reasonFor(paymentId: string): Promise<string> {
    return until(() => this.#driver?.events.find(({ failed }) => failed === paymentId)?.reason, {
      what: `why ${this.alias} did not pay`,
    });
  }

  #lastReason(): string {
    return this.#driver?.events.findLast(({ reason }) => reason !== undefined)?.reason ?? 'it does not say';
  }

  #channels(): Promise<readonly NodeChannel[]> {
    return this.#call<readonly NodeChannel[]>('channels');
  }

  async #named(channelId: string): Promise<{ readonly user_channel_id: string; readonly node_id: string }> {
    const found = (await this.#channels()).find((one) => one.channel_id === channelId);
    if (found === undefined) throw new Error(`${this.alias}: no channel ${channelId}`);
    return { user_channel_id: found.user_channel_id, node_id: found.counterparty };
  }

  async #spendableSat(): Promise<bigint> {
    return BigInt((await this.#call<{ spendable_sat: string }>('balance')).spendable_sat);
  }
}

/** Of its database and what belongs to that. */
async function lastWritten(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.includes('sqlite'));
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...times);
}

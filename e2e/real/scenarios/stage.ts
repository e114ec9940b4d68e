import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelDetails, LspServer, NodeApi, PaymentDetails } from '../../../engine/node/api.ts';
import { Bitcoind, type BitcoindOptions } from '../../world/bitcoind.ts';
import { EsploraServer } from '../../world/esplora/server.ts';
import { WORDS, type Leyden } from '../../world/leyden/leyden.ts';
import { LeydenProcess } from '../../world/leyden/leyden-process.ts';
import { LocalLeyden } from '../../world/leyden/local-leyden.ts';
import type { PeerChannel, RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import type { PeerKind, PeerUnderTest, PeerWishes } from './peer-kinds.ts';
import { valueOf } from './values.ts';

/** Chains are asked when the scenario says so; this is only for what it forgets. */
const SYNC_MS = 1_000;
/** Deep enough for both sides of every channel here. */
export const DEEP = 6;

export type OpenWish = {
  readonly by: 'us' | 'them';
  readonly capacitySat: bigint;
  readonly pushMsat?: bigint;
  readonly announce?: boolean;
  /** Of the funding transaction, where we open. */
  readonly feerateSatPerVb?: number;
};

/** What every node of ours is told. */
export type NodeSettings = {
  readonly mnemonic: string;
  readonly esplora: readonly string[];
  readonly syncEveryMs: number;
};

/** A chain, a server that tells of it, nodes of ours and nodes of others. */
export class Stage<P extends RealPeer = PeerUnderTest> {
  readonly chain: Bitcoind;
  readonly esplora: EsploraServer;
  readonly folder: string;
  readonly kind: PeerKind<P>;
  readonly #nodes: Leyden[] = [];
  readonly #peers: RealPeer[] = [];

  private constructor(chain: Bitcoind, esplora: EsploraServer, folder: string, kind: PeerKind<P>) {
    this.chain = chain;
    this.esplora = esplora;
    this.folder = folder;
    this.kind = kind;
  }

  static async start<P extends RealPeer>(
    kind: PeerKind<P>,
    options: Omit<BitcoindOptions, 'folder'> = {},
  ): Promise<Stage<P>> {
    const folder = await mkdtemp(join(tmpdir(), 'leyden-stage-'));
    const chain = await Bitcoind.start({ ...options, folder: join(folder, 'bitcoind') });
    return new Stage(chain, await EsploraServer.start(chain.rpc), folder, kind);
  }

  /** In this process, over a store that can crash. */
  local(fundSat = 0n, lsps: readonly LspServer[] = []): Promise<LocalLeyden> {
    return this.node((settings) => LocalLeyden.start({ ...settings, lsps }), fundSat);
  }

  /** In a process of its own, over a journal on disk. */
  process(fundSat = 0n): Promise<LeydenProcess> {
    const folder = join(this.folder, `leyden-${this.#nodes.length}`);
    return this.node((settings) => LeydenProcess.start({ ...settings, folder }), fundSat);
  }

  /** Wherever `start` has it run. */
  async node<L extends Leyden>(start: (settings: NodeSettings) => Promise<L>, fundSat = 0n): Promise<L> {
    const leyden = await start(this.#settings());
    this.#nodes.push(leyden);
    await this.fund(leyden, fundSat);
    return leyden;
  }

  /** Among `WORDS`: whose words it has. */
  placeOf(leyden: Leyden): number {
    return this.#nodes.indexOf(leyden);
  }

  async peer(wishes: Omit<PeerWishes, 'folder'>, fundSat = 0n): Promise<P> {
    const folder = join(this.folder, wishes.alias);
    const peer = await this.kind.start(this.chain, { ...wishes, folder });
    this.#peers.push(peer);
    if (fundSat > 0n) await peer.fund(fundSat);
    return peer;
  }

  /** One that somebody else started, on this chain. */
  adopt(peer: RealPeer): void {
    this.#peers.push(peer);
  }

  async fund({ api }: Leyden, amountSat: bigint): Promise<void> {
    if (amountSat === 0n) return;
    const { address } = valueOf(await api.newAddress());
    await this.chain.fund(address, amountSat);
    await this.sync();
  }

  /** Mines, and everybody has seen it. */
  async mine(blocks = 1): Promise<void> {
    await this.chain.mine(blocks);
    await this.sync();
  }

  /** Everybody who runs knows the chain as it is now. */
  async sync(): Promise<void> {
    const height = await this.chain.height();
    await Promise.all([
      ...this.#peers.filter((peer) => peer.isRunning()).map((peer) => peer.sync()),
      ...this.#nodes.filter((node) => node.isRunning()).map(({ api }) => seeTip(api, height)),
    ]);
  }

  /** Opens, confirms, and resolves with our view when both can use it. */
  async open(leyden: Leyden, peer: RealPeer, wish: OpenWish): Promise<ChannelDetails> {
    const { capacitySat, pushMsat = 0n, announce = false, feerateSatPerVb } = wish;
    await this.connect(leyden, peer);
    const { channelId, fundingTxId } =
      wish.by === 'us'
        ? valueOf(
            await leyden.api.openChannel({
              nodeId: peer.id,
              ...peer.address,
              amountSat: capacitySat,
              pushMsat,
              announce,
              ...(feerateSatPerVb === undefined ? {} : { feerateSatPerVb }),
            }),
          )
        : await peer.openChannel({ nodeId: leyden.id, capacitySat, pushMsat, announce });
    await this.inMempool(fundingTxId);
    const { readyAfter = 0 } = this.kind;
    if (readyAfter > 0) {
      await this.mine(readyAfter);
      await this.usable(leyden, peer, channelId);
      if (announce) await peer.hearsTerms?.(channelId);
    }
    await this.mine(DEEP - readyAfter);
    return this.usable(leyden, peer, channelId);
  }

  /** It is known to the chain, confirmed or not. */
  async inMempool(txId: string): Promise<void> {
    await until(() => this.chain.rpc.call('getrawtransaction', txId).catch(() => null), {
      what: `transaction ${txId} to be broadcast`,
      describe: () =>
        Promise.all(
          this.#nodes.map(async ({ api, log }) => [
            (await api.listChannels()).filter(({ state }) => state !== 'closed'),
            await api.listBalances(),
            log.slice(-5),
          ]),
        ),
    });
  }

  /** We dial, and will again whenever the connection is gone. */
  async connect({ api }: Leyden, peer: RealPeer): Promise<void> {
    valueOf(await api.connect(peer.id, peer.address.host, peer.address.port, true));
  }

  async usable(leyden: Leyden, peer: RealPeer, channelId: string): Promise<ChannelDetails> {
    await peer.waitForChannel(
      (channel) => channel.channelId === channelId && channel.isUsable,
      'a usable channel',
    );
    return waitForChannel(leyden, (channel) => channel.channelId === channelId && channel.isUsable);
  }

  /** Nothing but `left` is in flight in the channel, on either side. */
  async settled(
    leyden: Leyden,
    peer: RealPeer,
    channelId: string,
    left = 0,
  ): Promise<{ readonly ours: ChannelDetails; readonly theirs: PeerChannel }> {
    const ours = await waitForChannel(
      leyden,
      (channel) => channel.channelId === channelId && channel.pendingHtlcs === left,
    );
    const theirs = await peer.waitForChannel(
      (channel) =>
        channel.channelId === channelId && channel.pendingIncoming + channel.pendingOutgoing === left,
      'nothing more in flight',
    );
    return { ours, theirs };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#nodes, ...this.#peers].map((one) => one.stop()));
    await this.esplora.stop();
    await this.chain.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #settings(): NodeSettings {
    const mnemonic = WORDS[this.#nodes.length];
    if (mnemonic === undefined) throw new Error('no words for one node more');
    return { mnemonic, esplora: [this.esplora.url], syncEveryMs: SYNC_MS };
  }
}

async function seeTip(api: NodeApi, height: number): Promise<void> {
  await until(
    async () => ((await api.sync()).ok && (await api.status()).chain.tipHeight === height) || null,
    {
      what: `Leyden at height ${height}`,
      describe: () => api.status(),
    },
  );
}

export function waitForChannel(
  { api, log }: Leyden,
  matches: (channel: ChannelDetails) => boolean,
): Promise<ChannelDetails> {
  return until(async () => (await api.listChannels()).find(matches), {
    what: 'our channel',
    everyMs: 5,
    describe: async () => [
      (await api.listChannels()).filter(({ state }) => state !== 'closed'),
      log.slice(-5),
    ],
  });
}

/** The payment when it has come to an end. */
export function waitForPayment({ api, log }: Leyden, paymentId: string): Promise<PaymentDetails> {
  return until(
    async () => {
      const payment = await api.payment(paymentId);
      return payment.ok && !['pending', 'claimable'].includes(payment.value.state) ? payment.value : null;
    },
    {
      what: 'the end of our payment',
      everyMs: 5,
      describe: async () => [await api.payment(paymentId), await api.listChannels(), log.slice(-5)],
    },
  );
}

/** Pays and waits for the end. */
export async function pay(
  leyden: Leyden,
  invoice: string,
  options: Parameters<Leyden['api']['bolt11']['send']>[1] = {},
): Promise<PaymentDetails> {
  const { paymentId } = valueOf(await leyden.api.bolt11.send(invoice, options));
  return waitForPayment(leyden, paymentId);
}

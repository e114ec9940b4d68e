import { randomBytes } from 'node:crypto';
import type { NodeApi, PaymentDetails } from '../../../../engine/node/api.ts';
import { newWords } from '../../../../engine/wallet/words.ts';
import type { PeerWishes } from '../../../real/scenarios/peer-kinds.ts';
import { valueOf } from '../../../real/scenarios/values.ts';
import type { Bitcoind } from '../../../world/bitcoind.ts';
import { channelOf } from '../../../world/channel-wait.ts';
import { EsploraServer } from '../../../world/esplora/server.ts';
import { LeydenProcess } from '../../../world/leyden/leyden-process.ts';
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
import { peerChannel } from './channel-list.ts';

const SYNC_MS = 1_000;
const HELD_MS = 30_000;
/** sat/vB: four times as much is still what a commitment with anchors is given. */
const QUIET = 2;

/** Leyden as anybody's counterparty: in a process of its own, over a journal on disk, with a chain server of its own. */
export class LeydenPeer implements RealPeer {
  readonly alias: string;
  readonly #node: LeydenProcess;
  readonly #chain: Bitcoind;
  #esplora: EsploraServer;
  #satPerVb = QUIET;
  readonly #known = new Map<string, PeerAddress>();

  private constructor(alias: string, node: LeydenProcess, chain: Bitcoind, esplora: EsploraServer) {
    this.alias = alias;
    this.#node = node;
    this.#chain = chain;
    this.#esplora = esplora;
  }

  static async start(chain: Bitcoind, { alias, folder }: PeerWishes): Promise<LeydenPeer> {
    const mnemonic = newWords((length) => new Uint8Array(randomBytes(length))).join(' ');
    const server = await EsploraServer.start(chain.rpc);
    tellFees(server, QUIET);
    const esplora = [server.url];
    const node = await LeydenProcess.start({ mnemonic, folder, esplora, syncEveryMs: SYNC_MS });
    return new LeydenPeer(alias, node, chain, server);
  }

  get id(): string {
    return this.#node.id;
  }
  get address(): PeerAddress {
    return this.#node.address;
  }
  get #api(): NodeApi {
    return this.#node.api;
  }

  async fund(amountSat: bigint): Promise<void> {
    const { address } = valueOf(await this.#api.newAddress());
    await this.#chain.fund(address, amountSat);
    await this.sync();
  }
  async connect(nodeId: string, address: PeerAddress): Promise<void> {
    valueOf(await this.#api.connect(nodeId, address.host, address.port, false));
    this.#known.set(nodeId, address);
  }
  async disconnect(nodeId: string): Promise<void> {
    valueOf(await this.#api.disconnect(nodeId));
  }
  async openChannel({
    nodeId,
    capacitySat,
    pushMsat = 0n,
    announce = false,
    zeroConf = false,
  }: OpenRequest): Promise<OpenedChannel> {
    // An address is only for who is not connected.
    const address = this.#known.get(nodeId) ?? this.address;
    const wish = { amountSat: capacitySat, pushMsat, announce, zeroConf };
    const { channelId, fundingTxId } = valueOf(await this.#api.openChannel({ nodeId, ...address, ...wish }));
    const opened = (await this.#api.listChannels()).find((one) => one.channelId === channelId);
    return { channelId, fundingTxId, fundingIndex: opened?.fundingIndex ?? 0 };
  }

  async createInvoice(request: InvoiceRequest): Promise<PeerInvoice> {
    const { amountMsat, description = '', paymentHash, expirySeconds } = request;
    const common = { description, ...(expirySeconds === undefined ? {} : { expirySeconds }) };
    const { bolt11 } = this.#api;
    const made = valueOf(
      await (amountMsat === undefined
        ? bolt11.receiveVariableAmount(common)
        : paymentHash === undefined
          ? bolt11.receive({ ...common, amountMsat })
          : bolt11.receiveForHash({ ...common, amountMsat, paymentHash })),
    );
    return { bolt11: made.invoice, paymentHash: made.paymentHash };
  }
  async pay(bolt11: string, options: PayOptions = {}): Promise<PaidPayment> {
    return this.#paid(valueOf(await this.#api.bolt11.send(bolt11, options)).paymentId);
  }
  async paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment> {
    return this.#paid(valueOf(await this.#api.spontaneous.send(nodeId, amountMsat)).paymentId);
  }
  async waitForHeld(paymentHash: string): Promise<void> {
    await until(async () => valueOf(await this.#api.payment(paymentHash)).state === 'claimable', {
      what: `a held payment at ${this.alias}`,
      timeoutMs: HELD_MS,
    });
  }
  async claim(preimage: string): Promise<void> {
    valueOf(await this.#api.bolt11.claim(preimage));
  }
  async fail(paymentHash: string): Promise<void> {
    valueOf(await this.#api.bolt11.fail(paymentHash));
  }

  async close(channelId: string, satPerVb?: number): Promise<void> {
    valueOf(await this.#api.closeChannel(channelId, satPerVb === undefined ? 'normal' : { satPerVb }));
  }
  async forceClose(channelId: string): Promise<void> {
    valueOf(await this.#api.forceCloseChannel(channelId));
  }
  async channels(): Promise<readonly PeerChannel[]> {
    return (await this.#api.listChannels()).filter(({ state }) => state !== 'closed').map(peerChannel);
  }
  async onchainSat(): Promise<bigint> {
    const { confirmedSat, trustedPendingSat, pendingSat } = (await this.#api.listBalances()).onchain;
    return confirmedSat + trustedPendingSat + pendingSat;
  }
  async knownChannels(): Promise<readonly string[]> {
    const { items } = valueOf(await this.#api.networkGraph.listChannels(0, 1_000));
    return items
      .filter(({ fromA, fromB }) => fromA !== null && fromB !== null)
      .map(({ scid }) => scidText(scid));
  }
  /** Of what servers tell it asks once in a while, and at each start: said with the next block. */
  async setFeerate(perKw: number): Promise<void> {
    this.#satPerVb = perKw / 250;
    tellFees(this.#esplora, this.#satPerVb);
    await this.#node.restart();
    await this.sync();
  }
  async sync(): Promise<void> {
    const height = await this.#chain.height();
    await until(
      async () => (await this.#api.sync()).ok && (await this.#api.status()).chain.tipHeight === height,
      { what: `${this.alias} at height ${height}`, describe: () => this.#api.status() },
    );
  }

  waitForChannel(
    matches: (channel: PeerChannel) => boolean,
    what: string,
    timeoutMs = 30_000,
  ): Promise<PeerChannel> {
    return channelOf(this, { matches, what, timeoutMs, lastWords: () => this.#node.log.slice(-5) });
  }

  isRunning(): boolean {
    return this.#node.isRunning();
  }
  /** With its server: nobody else needs that. */
  async stop(): Promise<void> {
    await this.#node.stop();
    await this.#esplora.stop();
  }
  kill(): Promise<void> {
    return this.#node.kill();
  }
  async restart(): Promise<void> {
    await this.stop();
    this.#esplora = await EsploraServer.start(this.#chain.rpc, Number(new URL(this.#esplora.url).port));
    tellFees(this.#esplora, this.#satPerVb);
    await this.#node.restart();
  }

  async #paid(paymentId: string): Promise<PaidPayment> {
    const end: PaymentDetails = await until(
      async () => {
        const known = valueOf(await this.#api.payment(paymentId));
        return known.state === 'pending' ? null : known;
      },
      { what: `the end of ${this.alias}'s payment`, timeoutMs: 90_000, everyMs: 100 },
    );
    const { paymentHash, preimage, feeMsat, failure } = end;
    if (paymentHash === null || preimage === null)
      throw new Error(
        `${this.alias}: not paid: ${failure?.code ?? end.state} (${failure?.bolt4Code ?? 'no code'})`,
      );
    return { paymentHash, preimage, feeMsat: feeMsat ?? 0n };
  }
}

const tellFees = (server: EsploraServer, satPerVb: number): void =>
  server.setFeeEstimates({ 2: satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });

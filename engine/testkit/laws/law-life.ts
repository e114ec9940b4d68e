import type { NodeId, TxId } from '../../base/ids.ts';
import { NETWORKS } from '../../base/network.ts';
import type { Clock, Random } from '../../base/ports.ts';
import { blockHeight, type BlockHeight } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import type { ChannelNotice } from '../../channel/effect.ts';
import type { ClaimDemand } from '../../channel/claim-demand.ts';
import { loadChannels } from '../../channel/load.ts';
import type { ChannelMessage } from '../../channel/message.ts';
import { decode, type Field } from '../../codec/field.ts';
import { identityOf } from '../../noise/handshake.ts';
import { Secret } from '../../crypto/secret.ts';
import type { NodeEvent } from '../../node/api.ts';
import { ChannelHost, type HostedChannel } from '../../node/channel-host.ts';
import { ClaimDesk } from '../../node/claim-desk.ts';
import type { ClaimCore } from '../../node/claims/claim-core.ts';
import { Driver, Stale } from '../../node/driver.ts';
import { queuedEventRecord } from '../../node/event-record.ts';
import { EventQueue } from '../../node/event-queue.ts';
import { GivenBack } from '../../node/given-back.ts';
import { PaymentDesk, type PaymentDeskCore } from '../../node/payment-desk.ts';
import { PeerRouter } from '../../node/peer-router.ts';
import { isRecent } from '../../node/recent.ts';
import type { Turn } from '../../node/turn.ts';
import { emptyGraph } from '../../gossip/graph.ts';
import { PaymentBook } from '../../payment/book.ts';
import { incomingRecord } from '../../payment/incoming-record.ts';
import { outgoingRecord } from '../../payment/outgoing-record.ts';
import { Scorer } from '../../routing/scorer.ts';
import { routeView } from '../../routing/view.ts';
import { err, ok } from '../../base/result.ts';
import { unconfirmedOwn } from '../../wallet/record-tx.ts';
import type { BroadcastResult } from '../../chain/broadcast.ts';
import { UNREACHABLE } from '../../chain/chain-refusal.ts';
import type { KeyTree } from '../../wallet/key-tree.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import { nodeIdOf, seeded } from '../two-peer-env.ts';
import { law } from './law.ts';
import type { LawChain } from './law-chain.ts';
import type { LawDisk } from './law-disk.ts';
import { followed, walletOf } from './law-wallet.ts';
import { LawEyes } from './law-eyes.ts';
import { saidIsSaved } from './said-is-saved.ts';
import { watchedMachine, type EnvOf } from './watched-machine.ts';

export type LifePorts = {
  readonly name: string;
  readonly peer: string;
  readonly disk: LawDisk;
  readonly keys: KeyTree;
  readonly chain: LawChain;
  readonly clock: Clock;
  readonly random: Random;
  readonly envOf: EnvOf;
  readonly height: BlockHeight;
  readonly feerates: Feerates;
  /** To the peer, if there is a connection. */
  readonly send: (message: WireMessage) => void;
  readonly hangUp: () => void;
};

/** As the chain follower has it: what is so deep is not offered again. */
const BURIED = 6;

/**
 * One run of a node, from what is on disk until the process dies: the real driver, channels, payments, claims and events.
 * Of the node's desk for the chain only what the others see of it is here.
 */
export class LawLife implements PaymentDeskCore, ClaimCore {
  readonly driver: Driver;
  readonly channels: ChannelHost;
  readonly payments: PaymentBook;
  readonly givenBack: GivenBack;
  readonly desk: PaymentDesk;
  readonly router: PeerRouter;
  readonly options: PaymentDeskCore['options'] & ClaimCore['options'];
  readonly running: NonNullable<PaymentDeskCore['running']> & NonNullable<ClaimCore['running']>;
  readonly claims: ClaimDesk;
  readonly keys: KeyTree;
  readonly demands = new Map<HostedChannel, ClaimDemand>();
  readonly strays = null;
  shortages: ClaimCore['shortages'] = [];
  wallet: WalletState;
  readonly network = NETWORKS.regtest;
  readonly peerId: NodeId;
  readonly eyes: LawEyes;
  height: BlockHeight;
  feerates: Feerates;
  /** Set by a disk that refuses; null once it takes writes again. */
  storage: string | null = null;
  readonly notices: ChannelNotice[] = [];
  readonly #ports: LifePorts;
  readonly #events: EventQueue;
  readonly #published = new Map<TxId, Tx>();
  /** Of those, what the mempool did not take for its fee when it was offered last. */
  readonly #tooLow = new Set<TxId>();
  lastSyncAt: number | null = null;
  hasTip = false;
  #repeated = false;

  constructor(ports: LifePorts) {
    this.#ports = ports;
    const { name, peer, disk, clock, random, chain } = ports;
    this.peerId = nodeIdOf(peer);
    this.height = ports.height;
    this.feerates = ports.feerates;
    this.eyes = new LawEyes(chain);
    this.options = { clock, random, log: () => undefined };
    this.givenBack = new GivenBack(this);
    this.keys = ports.keys;
    this.wallet = walletOf(disk.rows('wallet'));
    const signer = () => ports.envOf(this.height, this.feerates).signer;
    this.running = {
      identity: {
        nodeId: nodeIdOf(name),
        noise: identityOf(new Secret(seeded(name, 'node'))),
        signers: { of: signer, ofPaymentKey: signer },
      },
      chain: {
        broadcast: (tx) => Promise.resolve(this.#offer(tx)),
        broadcastPackage: (txs) => Promise.resolve(this.#offerAll(txs)),
        forgetBroadcast: (id) => void this.#published.delete(id),
        isRefusedForFee: (id) => this.#tooLow.has(id),
        reader: {
          isInBestChain: (at) => chain.isInBestChain(at),
          isKnownToAny: (id) => Promise.resolve(ok(chain.has(id))),
        },
      },
    };
    this.claims = new ClaimDesk(this, {
      offerPackage: (parent, child, beside) => Promise.resolve(this.#offerAll([...beside, parent, child])),
    });
    const rows = <T>(table: 'payment' | 'invoice' | 'event', field: Field<T>): T[] =>
      [...disk.rows(table).values()].map((bytes) => {
        const read = decode(field, bytes);
        law(read.ok, 'a record can be read', () => `${name} ${table}`);
        return read.value;
      });
    this.payments = new PaymentBook(rows('payment', outgoingRecord), rows('invoice', incomingRecord));
    this.#events = new EventQueue(rows('event', queuedEventRecord).sort((a, b) => a.cursor - b.cursor));
    const broken = (error: unknown): void => {
      disk.bugs.push(error);
    };
    this.driver = new Driver({
      commit: (writes) => disk.commit(writes),
      clock,
      onDrained: (turn) => this.channels.drained(turn),
      onBug: broken,
      // What a turn decided long ago is judged anew, by a new process: here it ends, and the schedule starts the next.
      onHalt: (error) => {
        if (error instanceof Stale) disk.dead = true;
        else broken(error);
      },
      onStorage: (failure) => {
        this.storage = failure;
      },
      onSettled: () => undefined,
    });
    this.channels = new ChannelHost(
      this.driver,
      {
        env: (_, host) => ({ ...ports.envOf(this.height, this.feerates), ...host }),
        send: (_, message) => this.#send(message),
        disconnect: () => ports.hangUp(),
        publish: (tx) => void this.#offer(tx),
        onDemand: (channel, demand) => this.claims.onDemand(channel, demand),
        recall: () => broken(new Error('an honest peer published a revoked commitment')),
        watch: (watch) => this.eyes.register(watch),
        onOffer: (turn, _, htlc) => this.desk.onOffer(turn, htlc),
        onTakenBack: (turn, { id: channelId }, id, hash) => this.desk.onTakenBack(turn, channelId, id, hash),
        onSettle: (turn, _, __, origin, result) => this.desk.onSettle(turn, origin, result),
        onNotice: (_, __, notice) => void this.notices.push(notice),
        onFrozen: (_, __, error) => broken(error),
      },
      random,
      watchedMachine,
    );
    const loaded = loadChannels((table) => disk.rows(table));
    law(loaded.ok, 'channels can be read', () => name);
    for (const durable of loaded.value) this.channels.restore(durable);
    // A map, though of nobody but the two: as with any, a refused payment looks for its next way between turns.
    const map = { view: routeView(emptyGraph(NETWORKS.regtest.genesisHash)), scorer: new Scorer() };
    this.desk = new PaymentDesk(this, { map: () => map, learn: () => undefined });
    this.router = new PeerRouter({
      channels: this.channels,
      height: () => this.height,
      isCurrent: () => this.isCurrent,
      remoteInit: () => null,
      send: (_, message) => ports.send(message),
      // No backups here: what keeps them has properties of its own.
      backup: { up: () => undefined, down: () => undefined, heard: () => true },
      lsp: {
        expects: () => false,
        up: () => undefined,
        down: () => undefined,
        heard: () => undefined,
      },
      onUnknownChannel: () => false,
    });
    this.driver.submit((turn) => {
      this.channels.resume(turn);
      this.desk.resume(turn);
    });
  }

  get isCurrent(): boolean {
    return isRecent(this.lastSyncAt, this.#ports.clock.now());
  }

  inTurn: PaymentDeskCore['inTurn'] = (run) =>
    new Promise((resolve) => {
      this.driver.submit((turn) =>
        run(turn, (value, answering = turn) => answering.after(() => resolve(value))),
      );
    });

  onBug(error: unknown): void {
    this.#ports.disk.bugs.push(error);
  }

  tell(turn: Turn, event: NodeEvent): void {
    turn.write(this.#events.add(event, this.#ports.clock.now()));
  }

  /** As the node's chain desk does it: all that is new, in one turn. */
  look(feerates: Feerates): void {
    const { chain, clock } = this.#ports;
    const { height } = chain;
    // Again and again until it is buried, as the chain follower does.
    for (const [id, tx] of this.#published) {
      this.#offer(tx);
      const at = chain.placeOf(id)?.at;
      if (at !== undefined && height - at.height + 1 >= BURIED) this.#published.delete(id);
    }
    this.driver.submit((turn) => {
      const moved = height !== this.height;
      const repriced = feerates !== this.feerates;
      this.height = height;
      this.feerates = feerates;
      this.lastSyncAt = clock.now();
      this.hasTip = true;
      const events = this.eyes.look();
      const { state, commit } = followed(this.wallet, chain, clock.now());
      this.wallet = state;
      turn.write(commit);
      for (const channel of this.channels.all()) {
        for (const event of events) this.channels.deliver(turn, channel, { tag: 'chain', event });
        if (moved || repriced) this.channels.deliver(turn, channel, { tag: 'tick', height, feerates });
      }
      this.desk.onSynced(turn);
      this.claims.planSoon();
      if (!this.#repeated)
        turn.after(() => {
          this.#repeated = true;
          for (const { tx } of unconfirmedOwn(this.wallet)) this.#offer(tx);
        });
      if (moved) this.desk.tick(turn);
    });
  }

  #send(message: ChannelMessage): void {
    saidIsSaved(this.#ports, message, blockHeight(this.height));
    this.#ports.send(message);
  }

  /** Parents first; what counts is how the last one fares. */
  #offerAll(txs: readonly Tx[]): BroadcastResult {
    const [last, ...before] = txs.toReversed();
    for (const tx of before.toReversed()) this.#offer(tx);
    return last === undefined ? err(UNREACHABLE) : this.#offer(last);
  }

  #offer(tx: Tx): BroadcastResult {
    const txId = txIdOf(tx);
    this.#published.set(txId, tx);
    const reason = this.#ports.chain.offer(tx);
    if (reason === 'fee-too-low') this.#tooLow.add(txId);
    else this.#tooLow.delete(txId);
    return reason === 'taken'
      ? ok({ txId, known: false })
      : err({ code: 'broadcast-refused', reason, detail: '' });
  }
}

import type { NodeId, TxId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { blockHeight, type BlockHeight, type Msat } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { ChainTrouble } from '../chain/chain-trouble.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import { fallbackFeerates } from '../chain/fee-estimates.ts';
import { PaymentBook } from '../payment/book.ts';
import type { PeerConnections } from '../peer/connections.ts';
import type { KeyTree } from '../wallet/key-tree.ts';
import type { WalletState } from '../wallet/wallet-state.ts';
import type { Alarm, NodeEvent } from './api.ts';
import type { Moves } from './backup/records.ts';
import { ChannelHost, type HostedChannel } from './channel-host.ts';
import type { Shortage } from './claims/plan.ts';
import { Driver, Ended, Stale, type Commit } from './driver.ts';
import { EventQueue } from './event-queue.ts';
import { GivenBack } from './given-back.ts';
import type { Loaded } from './loaded.ts';
import type { Identity } from './identity.ts';
import type { KeptPeer } from './peer-record.ts';
import type { NodeOptions } from './node-options.ts';
import type { PeerRouter } from './peer-router.ts';
import { isRecent } from './recent.ts';
import type { Search } from './strays/search.ts';
import type { Stray } from './strays/stray.ts';
import type { Turn } from './turn.ts';

/** What exists only while the node runs. */
export type Running = {
  readonly identity: Identity;
  readonly chain: ChainFollower;
  readonly peers: PeerConnections;
  /** Of what a peer that is connected asks for; null while that is nothing to tell. */
  readonly excess: PeerRouter['excess'];
};

/** The node's state in memory. Changed by inputs of the driver alone; read by anybody. */
export class Core {
  readonly options: NodeOptions;
  readonly driver: Driver;
  readonly keys: KeyTree;
  readonly channels: ChannelHost;
  readonly payments: PaymentBook;
  readonly events: EventQueue;
  readonly givenBack: GivenBack;
  readonly keptPeers: Map<NodeId, KeptPeer>;
  wallet: WalletState;
  running: Running | null = null;
  height: BlockHeight;
  feerates: Feerates;
  alarms: readonly Alarm[] = [];
  /** What closing channels want of the chain, since they were heard in this run. */
  readonly demands = new Map<HostedChannel, ClaimDemand>();
  /** The search for what peers' commitments paid to these words; null where it never began, or is over. */
  strays: Search | null;
  /** What backups told of transactions of channels that this disk may never have had. */
  moves: { readonly [K in keyof Moves]: ReadonlySet<TxId> };
  /** PSBTs that were signed in this run and not made here: each may go out without us. */
  readonly signedAway = new Map<TxId, Tx>();
  /** Claims that the wallet has no coins for. */
  shortages: readonly Shortage<HostedChannel | Stray>[] = [];
  lastSyncAt: number | null = null;
  /** In this run a server has shown the best block: what blocks and fees came since the last run is known. */
  hasTip = false;
  syncing = false;
  /** See `Loaded`. */
  restoring: boolean;
  reachable = true;
  /** Why the last look at the chain is not to be relied on. */
  trouble: ChainTrouble | null = null;
  /** The node does nothing any more, for good: see `end`. */
  ended = false;
  readonly #listeners = new Set<() => void>();
  /** Promises that turns are to keep: what breaks them. */
  readonly #asked = new Set<(reason: Ended) => void>();
  #preparing = false;
  /** Why the last commit that failed did. */
  #diskIsFull = false;

  constructor(
    options: NodeOptions,
    loaded: Loaded,
    wallet: WalletState,
    keys: KeyTree,
    host: (core: Core) => ConstructorParameters<typeof ChannelHost>[1],
    onHalt: () => void,
  ) {
    this.options = options;
    this.keys = keys;
    this.wallet = wallet;
    this.restoring = loaded.restoring;
    this.strays = loaded.strays;
    const { opened, closed } = loaded.backup.moves;
    this.moves = { opened: new Set(opened), closed: new Set(closed) };
    this.payments = new PaymentBook(loaded.outgoing, loaded.incoming);
    this.events = new EventQueue(loaded.events);
    this.givenBack = new GivenBack(this);
    this.keptPeers = new Map(loaded.peers.map((peer) => [peer.nodeId, peer]));
    this.height = blockHeight(0);
    this.feerates = fallbackFeerates(options.network);
    this.driver = new Driver({
      commit: (writes) => this.#commit(writes),
      clock: options.clock,
      onDrained: (turn) => this.channels.drained(turn),
      onBug: (error) => this.onBug(error),
      onHalt: (error) => {
        // A disk that refuses is no bug: the alarm for it stands.
        if (!(error instanceof Stale)) this.onBug(error);
        onHalt();
      },
      onStorage: (failure) => this.#onStorage(failure),
      onSettled: () => {
        this.changed();
        this.#prepareSoon();
      },
    });
    this.channels = new ChannelHost(this.driver, host(this), options.random);
    for (const durable of loaded.channels) this.channels.restore(durable);
  }

  /** What is known of the chain is new enough to judge expiries by. */
  get isCurrent(): boolean {
    return isRecent(this.lastSyncAt, this.options.clock.now());
  }

  get network() {
    return NETWORKS[this.options.network];
  }

  /**
   * Runs `run` in a turn and resolves with what it gives to `done`, once that is durable and its effects have run.
   * `answering`: the turn that gives it, when that is a later one. @throws {Ended} when the node ends before.
   */
  inTurn<T>(run: (turn: Turn, done: (value: T, answering?: Turn) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (reason: Ended): void => {
        this.#asked.delete(fail);
        reject(reason);
      };
      if (this.ended) return fail(new Ended('the node has ended'));
      this.#asked.add(fail);
      this.driver.submit((turn) =>
        run(turn, (value, answering = turn) =>
          answering.after(() => {
            this.#asked.delete(fail);
            resolve(value);
          }),
        ),
      );
    });
  }

  /** No input is taken any more; what was taken and can be saved is. Whoever still waits for an answer is told. */
  async end(): Promise<void> {
    this.ended = true;
    await this.driver.stop();
    for (const fail of this.#asked) fail(new Ended('the node has ended'));
  }

  tell(turn: Turn, event: NodeEvent): void {
    turn.write(this.events.add(event, this.options.clock.now()));
    turn.after(() => this.options.log('info', 'event', event.tag, subjectOf(event)));
  }

  alarm(turn: Turn, code: Alarm['code'], detail: string): void {
    const alarm: Alarm = { code, detail, at: this.options.clock.now() };
    this.alarms = [...this.alarms, alarm].slice(-20);
    this.tell(turn, { tag: 'alarm', alarm });
  }

  /** It is over. */
  endAlarm(over: Alarm['code']): void {
    this.alarms = this.alarms.filter(({ code }) => code !== over);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners)
      try {
        listener();
      } catch (error) {
        this.options.log('error', 'node', 'a listener threw', { detail: describe(error) });
      }
  }

  onBug(error: unknown): void {
    const detail = describe(error);
    this.options.log('error', 'node', 'a bug was caught', { detail });
    this.alarms = [...this.alarms, { code: 'bug' as const, detail, at: this.options.clock.now() }].slice(-20);
    this.changed();
  }

  /** Money came that may not be taken in before the words are saved. Said once, however often it comes. */
  onTurnedAway(amount: Msat): void {
    this.options.log('info', 'payment', 'turned away until the words are saved', {
      amountMsat: amount.toString(),
    });
    const at = this.options.clock.now();
    const others = this.alarms.filter(({ code }) => code !== 'turned-away');
    this.alarms = [...others, { code: 'turned-away' as const, detail: '', at }].slice(-20);
    this.changed();
  }

  /** When this and what is ready with it is done: the peers' answers take longer. */
  #prepareSoon(): void {
    if (this.#preparing) return;
    this.#preparing = true;
    this.options.clock.after(0, () => {
      this.#preparing = false;
      if (this.running === null) return;
      try {
        this.channels.prepare();
      } catch (error) {
        this.onBug(error);
      }
    });
  }

  /** The first write that is taken ends the alarm, also that of the run before. */
  async #commit(writes: readonly Write[]): ReturnType<Commit> {
    this.#diskIsFull = false;
    const outcome = await this.options.store.commit(writes);
    if (outcome.ok) this.#onStorage(null);
    else this.#diskIsFull = outcome.error.code === 'quota';
    return outcome;
  }

  #onStorage(failure: string | null): void {
    const others = this.alarms.filter(({ code }) => code !== 'storage' && code !== 'storage-full');
    if (failure === null && others.length === this.alarms.length) return;
    this.alarms =
      failure === null
        ? others
        : [
            ...others,
            {
              code: this.#diskIsFull ? 'storage-full' : 'storage',
              detail: failure,
              at: this.options.clock.now(),
            },
          ];
    this.options.log(
      failure === null ? 'info' : 'error',
      'storage',
      failure ?? 'the disk takes writes again',
    );
    this.changed();
  }
}

export const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 300);

/** What an event is about, by its id: amounts and preimages do not belong in a log. */
function subjectOf(event: NodeEvent): Readonly<Record<string, string>> {
  if ('paymentId' in event) return { payment: event.paymentId };
  if ('channelId' in event) return { channel: event.channelId };
  return event.tag === 'onchain-received' ? { transaction: event.txId } : {};
}

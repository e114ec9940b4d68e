import { err, ok } from '../base/result.ts';
import { ChainFollower } from '../chain/chain-follower.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import type { KeyTree } from '../wallet/key-tree.ts';
import type { WalletState } from '../wallet/wallet-state.ts';
import type { Alarm, Answer, NodeApi } from './api.ts';
import { BackupDesk } from './backup/desk.ts';
import { ChainDesk } from './chain-desk.ts';
import { ClaimDesk } from './claim-desk.ts';
import { ChannelDesk } from './channel-desk.ts';
import { nodeApi } from './commands/node-api.ts';
import { Core, describe } from './core.ts';
import { HistoryDesk } from './history-desk.ts';
import type { Loaded } from './loaded.ts';
import { LspDesk } from './lsp/lsp-desk.ts';
import { AnnounceDesk } from './graph/announce-desk.ts';
import { GossipDesk } from './graph/gossip-desk.ts';
import { GraphDesk } from './graph/graph-desk.ts';
import { ScoreKeeper } from './graph/score-keeper.ts';
import { openIdentity } from './identity.ts';
import { isOverAfterHalt, mayTell } from './may-tell.ts';
import type { Listening, NodeOptions } from './node-options.ts';
import { PaymentDesk } from './payment-desk.ts';
import { ProbingDesk } from './probing-desk.ts';
import { openConnections } from './peer-desk.ts';
import { PeerRouter } from './peer-router.ts';
import type { Refusal } from './refusal.ts';
import type { RestoreProgress } from './service-api.ts';
import { receiveRoom } from './receive-limit.ts';
import { standingAlarms } from './standing-alarms.ts';
import { StrayDesk } from './strays/desk.ts';

export type RunSource = {
  readonly options: NodeOptions;
  readonly loaded: Loaded;
  readonly wallet: WalletState;
  readonly keys: KeyTree;
  /** Of the run before. */
  readonly alarms: readonly Alarm[];
  /** The same, where it halted: what it told the chain is told again. */
  readonly before: ChainFollower | null;
};

/** One life of the node: from what was read from disk, through `begin`, to `end`. There is no way back from `end`. */
export class NodeRun {
  readonly api: Omit<NodeApi, 'start' | 'stop'>;
  readonly core: Core;
  readonly #channels: ChannelDesk;
  readonly #payments: PaymentDesk;
  readonly #probing: ProbingDesk;
  readonly #claims: ClaimDesk;
  readonly #chain: ChainDesk;
  readonly #backup: BackupDesk;
  readonly #strays: StrayDesk;
  readonly #history: HistoryDesk;
  readonly #graph: GraphDesk;
  readonly #scores: ScoreKeeper;
  readonly #lsp: LspDesk;
  readonly #gossip: GossipDesk;
  readonly #announcements: AnnounceDesk;
  #begun: Answer<void> | null = null;
  #end: Promise<void> | null = null;
  #listening: Listening | null = null;
  /** Until this one has its own. */
  #before: ChainFollower | null;

  /** `onHalt`: memory cannot be believed any more, and nothing is done any more. Call `end`, and read the disk anew. */
  constructor({ options, loaded, wallet, keys, alarms, before }: RunSource, onHalt: () => void) {
    this.#before = before;
    this.core = new Core(
      options,
      loaded,
      wallet,
      keys,
      () => ({
        env: (channel, host) => this.#channels.env(channel, host),
        send: (peerId, message) => this.core.running?.peers.send(peerId, message),
        disconnect: (peerId, violation) =>
          this.core.running?.peers.disconnect(peerId, { code: 'violation', violation }),
        publish: (tx, purpose) =>
          purpose === 'local-commitment'
            ? void this.#chain.commitments.publish(tx)
            : void this.#channels.publish(tx, purpose),
        recall: (channel, tx) => this.#history.recall(channel, tx),
        onDemand: (channel, demand) => this.#claims.onDemand(channel, demand),
        watch: (watch) => this.core.running?.chain.register(watch),
        onOffer: (turn, channel, htlc) => {
          this.#lsp.offered(htlc);
          this.#payments.onOffer(turn, htlc);
          this.#lsp.judged(channel.peerId, htlc);
        },
        onTakenBack: (turn, { id: channelId }, id, paymentHash) =>
          this.#payments.onTakenBack(turn, channelId, id, paymentHash),
        onSettle: (turn, _channel, _id, origin, result) => this.#payments.onSettle(turn, origin, result),
        onNotice: (turn, channel, notice) => {
          // What else is on this disk is as old.
          if (notice.tag === 'data-loss') this.#backup.markRestored(turn);
          if (notice.tag === 'signature-owed') this.#payments.onSignatureOwed(channel.id);
          this.#channels.onNotice(turn, channel, notice);
        },
        onFrozen: (turn, channel, error) => this.#channels.onFrozen(turn, channel, error),
      }),
      onHalt,
    );
    this.core.alarms = [...alarms, ...standingAlarms(this.core.channels.all(), alarms, options.clock.now())];
    this.#lsp = new LspDesk(this.core, loaded.orders);
    this.#channels = new ChannelDesk(this.core, this.#lsp);
    this.#history = new HistoryDesk(this.core);
    this.#scores = new ScoreKeeper(
      options,
      (writes) => this.core.driver.submit((turn) => turn.write(writes)),
      () => this.core.changed(),
    );
    this.#graph = new GraphDesk(options, this.#scores, () => this.core.changed());
    this.#gossip = new GossipDesk({
      core: this.core,
      graph: this.#graph,
      own: () => this.#announcements.own(),
      find: (wanted) => this.core.running?.chain.funding.find(wanted) ?? Promise.resolve([]),
    });
    this.#announcements = new AnnounceDesk({
      channels: () => this.core.channels.all(),
      env: (channel, host) => this.#channels.env(channel, host),
      options,
      identity: () => this.core.running?.identity ?? null,
      tell: (own) => this.#gossip.tell(own),
    });
    this.#payments = new PaymentDesk(this.core, this.#graph, {
      room: () => receiveRoom(this.core),
      turnedAway: (amount) => this.core.onTurnedAway(amount),
      isOwed: (channel) => !this.#lsp.orders.isBought(channel),
    });
    this.#probing = new ProbingDesk(this.core, this.#payments, () => this.#graph.graph);
    this.#claims = new ClaimDesk(this.core, {
      offerPackage: (parent, child, beside) => this.#chain.commitments.publishLifted(parent, child, beside),
    });
    this.#backup = new BackupDesk(this.core, loaded.backup);
    this.#strays = new StrayDesk(this.core, () => this.#claims.planSoon());
    this.#chain = new ChainDesk(
      this.core,
      this.#channels,
      this.#payments,
      this.#claims,
      this.#backup,
      this.#strays,
    );
    this.api = nodeApi({
      core: this.core,
      channels: this.#channels,
      payments: this.#payments,
      chain: this.#chain,
      claims: this.#claims,
      backup: this.#backup,
      graph: this.#graph,
      lsp: this.#lsp,
    });
    this.core.onChange(() => this.#backup.keepers.noticed());
    this.core.onChange(() => this.#history.tidy());
    this.core.onChange(() => this.#announcements.look());
  }

  get isRunning(): boolean {
    return this.core.running !== null;
  }

  /** `begin` was called. */
  get hasBegun(): boolean {
    return this.#begun !== null;
  }

  get listeningPort(): number | null {
    return this.#listening?.port ?? null;
  }

  /** What was asked of the network and of peers goes on from here. Again only when it failed. */
  begin(): Answer<void> {
    this.#begun ??= this.#start().then(
      (started) => {
        if (!started.ok) this.#begun = null;
        return started;
      },
      (error: unknown) => {
        this.#begun = null;
        if (!this.core.ended) this.core.onBug(error);
        return err(this.core.ended ? { code: 'not-running' } : { code: 'internal', detail: describe(error) });
      },
    );
    return this.#begun;
  }

  /** Looks through the chain for everything that the words ever received; goes on by itself when that fails. */
  async restoreOnchain(onProgress?: (progress: RestoreProgress) => void): Answer<void> {
    const found = await this.#chain.restore(onProgress);
    return found ? ok(undefined) : err({ code: 'chain-unreachable' });
  }

  /** Nothing is said, written or answered after this resolves. */
  end(): Promise<void> {
    this.#end ??= this.#stop();
    return this.#end;
  }

  async #start(): Answer<void> {
    const { core } = this;
    const { options } = core;
    const over = (): Refusal | null => (core.ended ? { code: 'not-running' } : null);
    const [servers] = await Promise.all([options.servers(), this.#loadCurve()]);
    if (!servers.ok) return servers;
    const stored = await options.store.load('chain');
    if (!stored.ok) return err({ code: 'storage-failed', detail: stored.error.detail });
    // Whoever ended this run while it waited may have begun another over the same disk.
    const ended = over();
    if (ended !== null) return err(ended);

    const identity = openIdentity(core.keys);
    const before = this.#before;
    this.#before = null;
    const chain = new ChainFollower(
      {
        network: options.network,
        servers: servers.value.esplora,
        http: options.http,
        clock: options.clock,
        random: options.random,
        log: options.log,
        stored: stored.value,
        mayOffer: (commitment) => this.#chain.commitments.mayOffer(commitment),
        mayTell: mayTell(core),
      },
      before === null ? null : { chain: before, isOver: isOverAfterHalt(core.wallet) },
    );
    const router = new PeerRouter({
      channels: core.channels,
      height: () => core.height,
      isCurrent: () => core.isCurrent,
      remoteInit: (peerId) => peers.remoteInit(peerId),
      send: (peerId, message) => peers.send(peerId, message),
      backup: this.#backup,
      lsp: this.#lsp,
      onUnknownChannel: (turn, peerId) =>
        this.#backup.mayRunElsewhere(turn, peerId) ? null : this.#strays.expectClose(turn),
    });
    this.#chain.onSynced = (turn) => router.onSynced(turn);
    const peers = openConnections(core, identity, router, this.#gossip);
    core.running = { identity, chain, peers, excess: (peerId) => router.excess(peerId) };
    core.height = chain.tip()?.height ?? core.height;
    core.feerates = chain.feerates();
    this.#lsp.configure(servers.value);
    await this.#chain.takeIn((turn) => {
      this.#channels.releaseOrphans(turn);
      this.#channels.settleCloses(turn);
      core.channels.resume(turn);
      this.#payments.resume(turn);
    });
    const listening = await options.listen?.((socket) => peers.accept(socket));
    this.#listening = listening ?? null;
    if (core.ended) {
      await listening?.close();
      return err({ code: 'not-running' });
    }
    // Peers only after the chain was asked once: expiries and closings are judged by the tip.
    void this.#chain.sync().then(() => this.#connectPeers());
    void this.#graph.begin();
    this.#probing.begin();
    this.#lsp.begin();
    core.changed();
    return ok(undefined);
  }

  async #loadCurve(): Promise<void> {
    const { instantiateCurve, random, log } = this.core.options;
    if (instantiateCurve === null) return;
    const loaded = await loadSecp256k1(instantiateCurve, random);
    if (loaded.ok) return;
    const { code, ...more } = loaded.error;
    log('warn', 'crypto', 'WebAssembly is not used', { why: code, ...more });
  }

  #connectPeers(): void {
    const { running, keptPeers } = this.core;
    for (const { nodeId, host, port } of keptPeers.values()) running?.peers.keep(nodeId, { host, port });
  }

  async #stop(): Promise<void> {
    const { core } = this;
    const { running } = core;
    this.#scores.flush();
    const ended = core.end();
    running?.peers.stop();
    this.#chain.stop();
    this.#payments.stop();
    this.#backup.stop();
    this.#strays.stop();
    this.#graph.stop();
    this.#probing.stop();
    this.#lsp.stop();
    this.#gossip.stop();
    await Promise.all([ended, this.#listening?.close()]);
    core.running = null;
    core.changed();
  }
}

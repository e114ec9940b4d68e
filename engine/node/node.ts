import { err, ok, type Result } from '../base/result.ts';
import { ChainFollower } from '../chain/chain-follower.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { newAddress } from '../wallet/addresses.ts';
import { KeyTree } from '../wallet/key-tree.ts';
import { createWallet } from '../wallet/open-wallet.ts';
import { scanAll } from '../wallet/scan.ts';
import { balanceOf } from '../wallet/balance.ts';
import { unconfirmedOwn } from '../wallet/record-tx.ts';
import { applyFacts } from '../wallet/wallet-facts.ts';
import type { WalletState } from '../wallet/wallet-state.ts';
import type { Answer, NodeApi } from './api.ts';
import { ChainDesk } from './chain-desk.ts';
import { ChannelDesk } from './channel-desk.ts';
import { nodeApi } from './commands/node-api.ts';
import { Core } from './core.ts';
import { loadAll, type Loaded } from './loaded.ts';
import { openIdentity } from './identity.ts';
import type { Listening, NodeOptions } from './node-options.ts';
import { PaymentDesk } from './payment-desk.ts';
import { openConnections } from './peer-desk.ts';
import { PeerRouter } from './peer-router.ts';
import type { Refusal } from './refusal.ts';
import type { RestoreProgress } from './service-api.ts';

/**
 * Reads a node from its store, or makes the wallet of a new one. Needs no network and no fast curve: balances and
 * payments can be shown as soon as this resolves; `api.start` does the rest.
 */
export async function loadNode(options: NodeOptions): Promise<Result<LeydenNode, Refusal>> {
  const loaded = await loadAll(options.store, options.network);
  if (!loaded.ok) return loaded;
  const keys = new KeyTree(options.seed, options.network);
  if (loaded.value.wallet !== null)
    return ok(new LeydenNode(options, loaded.value, loaded.value.wallet, keys));
  const created = createWallet(keys, options.network);
  // Channels pay back to an address of ours: there is always one.
  const first = newAddress(created.state);
  const saved = await options.store.commit([...created.commit, ...first.commit]);
  if (!saved.ok) return err({ code: 'storage-failed', detail: saved.error.detail });
  return ok(new LeydenNode(options, loaded.value, first.state, keys));
}

/** A Lightning node and an on-chain wallet over one store. One writer: nobody else may have the store open. */
export class LeydenNode {
  readonly api: NodeApi;
  readonly #core: Core;
  readonly #channels: ChannelDesk;
  readonly #payments: PaymentDesk;
  readonly #chain: ChainDesk;
  #starting: Answer<void> | null = null;
  #listening: Listening | null = null;

  constructor(options: NodeOptions, loaded: Loaded, wallet: WalletState, keys: KeyTree) {
    this.#core = new Core(options, loaded, wallet, keys, () => ({
      env: (channel) => this.#channels.env(channel),
      send: (peerId, message) => this.#core.running?.peers.send(peerId, message),
      disconnect: (peerId, violation) =>
        this.#core.running?.peers.disconnect(peerId, { code: 'violation', violation }),
      publish: (tx, purpose) => this.#channels.publish(tx, purpose),
      watch: (watch) => this.#core.running?.chain.register(watch),
      onOffer: (turn, _channel, htlc) => this.#payments.onOffer(turn, htlc),
      onSettle: (turn, _channel, _id, origin, result) => this.#payments.onSettle(turn, origin, result),
      onNotice: (turn, channel, notice) => this.#channels.onNotice(turn, channel, notice),
      onFrozen: (turn, channel, error) => this.#channels.onFrozen(turn, channel, error),
    }));
    this.#channels = new ChannelDesk(this.#core);
    this.#payments = new PaymentDesk(this.#core);
    this.#chain = new ChainDesk(this.#core, this.#channels, this.#payments);
    this.api = nodeApi(
      { core: this.#core, channels: this.#channels, payments: this.#payments, chain: this.#chain },
      { start: () => this.#start(), stop: () => this.#stop() },
    );
  }

  /** Called after every turn: any snapshot may have changed. */
  onChange(listener: () => void): () => void {
    return this.#core.onChange(listener);
  }

  /** The port on which peers may dial us; null where we do not listen. */
  get listeningPort(): number | null {
    return this.#listening?.port ?? null;
  }

  /** Looks through the chain for everything that the words ever received. */
  async restoreOnchain(onProgress?: (progress: RestoreProgress) => void): Answer<void> {
    const started = await this.api.start();
    if (!started.ok && started.error.code !== 'already-running') return started;
    await this.#chain.sync();
    const { running } = this.#core;
    const tip = running?.chain.tip() ?? null;
    if (running === null || tip === null) return err({ code: 'chain-unreachable' });
    let addressesChecked = 0;
    const tell = (): void => onProgress?.({ addressesChecked, foundSat: balanceOf(this.#core.wallet).total });
    const { reader } = running.chain;
    const counted = Object.assign(Object.create(reader) as typeof reader, {
      scriptCounts: (script: Uint8Array) => {
        addressesChecked++;
        tell();
        return reader.scriptCounts(script);
      },
      scriptHistory: reader.scriptHistory.bind(reader),
      transaction: reader.transaction.bind(reader),
      placement: reader.placement.bind(reader),
      isKnown: reader.isKnown.bind(reader),
      isInBestChain: reader.isInBestChain.bind(reader),
    });
    const facts = await scanAll(counted, this.#core.wallet, tip.height);
    if (!facts.ok) return err({ code: 'chain-unreachable' });
    await this.#core.inTurn<void>((turn, done) => {
      this.#channels.applyWallet(
        turn,
        applyFacts(this.#core.wallet, facts.value, this.#core.options.clock.now()),
      );
      done();
    });
    tell();
    return ok(undefined);
  }

  #start(): Answer<void> {
    this.#starting ??= this.#begin().then((started) => {
      if (!started.ok) this.#starting = null;
      return started;
    });
    return this.#starting;
  }

  async #begin(): Answer<void> {
    const core = this.#core;
    const { options } = core;
    const [servers] = await Promise.all([options.servers(), this.#loadCurve()]);
    if (!servers.ok) return servers;
    const stored = await options.store.load('chain');
    if (!stored.ok) return err({ code: 'storage-failed', detail: stored.error.detail });
    const identity = openIdentity(core.keys);
    const chain = new ChainFollower({
      network: options.network,
      servers: servers.value.esplora,
      http: options.http,
      clock: options.clock,
      random: options.random,
      log: options.log,
      stored: stored.value,
    });
    const router = new PeerRouter({
      channels: core.channels,
      height: () => core.height,
      remoteInit: (peerId) => peers.remoteInit(peerId),
      send: (peerId, message) => peers.send(peerId, message),
    });
    const peers = openConnections(core, identity, router);
    core.running = { identity, chain, peers };
    core.height = chain.tip()?.height ?? core.height;
    core.feerates = chain.feerates();
    await core.inTurn<void>((turn, done) => {
      this.#channels.releaseOrphans(turn);
      core.channels.resume(turn);
      this.#payments.resume(turn);
      done();
    });
    // What was sent before and is in no block: servers may have forgotten it.
    for (const { tx, purpose } of unconfirmedOwn(core.wallet)) void chain.broadcast(tx, purpose);
    // Peers only after the chain was asked once: expiries and closings are judged by the tip.
    void this.#chain.sync().then(() => this.#connectPeers());
    if (options.listen !== undefined)
      this.#listening = await options.listen((socket) => peers.accept(socket));
    core.changed();
    return ok(undefined);
  }

  async #loadCurve(): Promise<void> {
    const { instantiateCurve, random, log } = this.#core.options;
    if (instantiateCurve === null) return;
    const loaded = await loadSecp256k1(instantiateCurve, random);
    if (!loaded.ok) log('warn', 'crypto', 'WebAssembly is not used', { why: loaded.error.code });
  }

  #connectPeers(): void {
    const { running, keptPeers } = this.#core;
    for (const { nodeId, host, port } of keptPeers.values()) running?.peers.keep(nodeId, { host, port });
  }

  async #stop(): Answer<void> {
    const { running, driver } = this.#core;
    if (running === null) return err({ code: 'not-running' });
    running.peers.stop();
    await this.#listening?.close();
    this.#listening = null;
    await this.#chain.stop();
    this.#payments.stop();
    await driver.stop();
    this.#core.running = null;
    this.#core.changed();
    return ok(undefined);
  }
}

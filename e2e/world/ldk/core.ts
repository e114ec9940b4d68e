// LDK's objects, wired together, new or as they were saved.
import { randomBytes } from 'node:crypto';
import type { Rpc } from '../rpc.ts';
import { bestBlock, type Best } from './chain-follower.ts';
import { savedManager } from './journal.ts';
import { hex, ldk, persister, pin, silentLogger, type MonitorSink } from './library.ts';
import { restoreManager, type Manager, type Parts } from './restore.ts';
import { feerateFor, userConfig, type LdkSettings } from './settings.ts';
import type { LdkStore } from './store.ts';

export type CoreHooks = {
  readonly monitors: MonitorSink;
  readonly broadcast: (transactions: readonly string[]) => void;
  /** sat per 1,000 weight, now. */
  readonly commitmentFeerate: () => number;
  readonly messages: ldk.CustomMessageHandler;
};

export type Core = {
  readonly id: string;
  readonly channels: ldk.ChannelManager;
  readonly monitors: ldk.ChainMonitor;
  readonly peers: ldk.PeerManager;
  readonly graph: ldk.NetworkGraph;
  readonly signer: ldk.NodeSigner;
  /** zbase32, by the node's key. */
  readonly sign: (message: string) => string;
  readonly signers: ldk.SignerProvider;
  readonly spender: ldk.OutputSpender;
  readonly logger: ldk.Logger;
  readonly broadcaster: ldk.BroadcasterInterface;
  readonly eventSources: readonly ldk.EventsProvider[];
  /** Who wants blocks, in the order in which they want them. */
  readonly listeners: readonly ldk.Listen[];
  /** Everything inside knows the chain up to here. */
  readonly best: Best;
};

export async function buildCore(
  settings: LdkSettings,
  rpc: Rpc,
  store: LdkStore,
  seed: Uint8Array,
  hooks: CoreHooks,
): Promise<Core> {
  const now = Math.floor(Date.now() / 1000);
  const logger = silentLogger();
  // Callbacks run with LDK's locks held: they note down and never call back in.
  const fees = pin(
    ldk.FeeEstimator.new_impl({
      get_est_sat_per_1000_weight: (target) => feerateFor(target, hooks.commitmentFeerate()),
    }),
  );
  const broadcaster = pin(
    ldk.BroadcasterInterface.new_impl({
      broadcast_transactions: (transactions) => hooks.broadcast(transactions.map(hex)),
    }),
  );
  const keys = pin(
    ldk.KeysManager.constructor_new(seed, BigInt(now), Number(process.hrtime.bigint() % 1_000_000_000n)),
  );
  const entropy = pin(keys.as_EntropySource());
  const signer = pin(keys.as_NodeSigner());
  const signers = pin(keys.as_SignerProvider());
  const monitors = pin(
    ldk.ChainMonitor.constructor_new(
      ldk.Option_FilterZ.constructor_none(),
      broadcaster,
      logger,
      fees,
      persister(hooks.monitors),
    ),
  );
  const watch = pin(monitors.as_Watch());
  const graph = pin(ldk.NetworkGraph.constructor_new(ldk.Network.LDKNetwork_Regtest, logger));
  const messageRouter = pin(pin(ldk.DefaultMessageRouter.constructor_new(graph, entropy)).as_MessageRouter());
  const config = userConfig(settings);
  const parts: Parts = {
    settings,
    rpc,
    store,
    config,
    fees,
    broadcaster,
    logger,
    entropy,
    signer,
    signers,
    watch,
    router: buildRouter(graph, logger, entropy),
    messageRouter,
  };
  const saved = savedManager(store);
  const { channels, best } =
    saved === null ? await freshManager(parts, now) : await restoreManager(parts, saved);

  const ignore = pin(ldk.IgnoringMessageHandler.constructor_new());
  const gossip = settings.gossip
    ? pin(ldk.P2PGossipSync.constructor_new(graph, ldk.Option_UtxoLookupZ.constructor_none(), logger))
    : ignore;
  const onions = pin(
    ldk.OnionMessenger.constructor_new(
      entropy,
      signer,
      logger,
      channels.as_NodeIdLookUp(),
      messageRouter,
      channels.as_OffersMessageHandler(),
      channels.as_AsyncPaymentsMessageHandler(),
      channels.as_DNSResolverMessageHandler(),
      ignore.as_CustomOnionMessageHandler(),
    ),
  );
  const peers = pin(
    ldk.PeerManager.constructor_new(
      channels.as_ChannelMessageHandler(),
      gossip.as_RoutingMessageHandler(),
      onions.as_OnionMessageHandler(),
      hooks.messages,
      now,
      new Uint8Array(randomBytes(32)),
      logger,
      signer,
    ),
  );
  return {
    id: hex(channels.get_our_node_id()),
    channels,
    monitors,
    peers,
    graph,
    signer,
    sign: (message) =>
      ldk.UtilMethods.constructor_sign(new Uint8Array(Buffer.from(message)), keys.get_node_secret_key()),
    signers,
    spender: pin(keys.as_OutputSpender()),
    logger,
    broadcaster,
    eventSources: [channels, monitors, onions].map((source) => pin(source.as_EventsProvider())),
    listeners: [pin(monitors.as_Listen()), pin(channels.as_Listen())],
    best,
  };
}

function buildRouter(graph: ldk.NetworkGraph, logger: ldk.Logger, entropy: ldk.EntropySource): ldk.Router {
  const scorer = pin(
    ldk.ProbabilisticScorer.constructor_new(
      ldk.ProbabilisticScoringDecayParameters.constructor_default(),
      graph,
      logger,
    ),
  );
  const score = pin(ldk.MultiThreadedLockableScore.constructor_new(scorer.as_Score()));
  const router = pin(
    ldk.DefaultRouter.constructor_new(
      graph,
      logger,
      entropy,
      score.as_LockableScore(),
      ldk.ProbabilisticScoringFeeParameters.constructor_default(),
    ),
  );
  return pin(router.as_Router());
}

async function freshManager(parts: Parts, now: number): Promise<Manager> {
  const hash = await parts.rpc.call<string>('getbestblockhash');
  const { height } = await parts.rpc.call<{ height: number }>('getblockheader', hash);
  const best = { hash, height };
  const channels = pin(
    ldk.ChannelManager.constructor_new(
      parts.fees,
      parts.watch,
      parts.broadcaster,
      parts.router,
      parts.messageRouter,
      parts.logger,
      parts.entropy,
      parts.signer,
      parts.signers,
      parts.config,
      ldk.ChainParameters.constructor_new(ldk.Network.LDKNetwork_Regtest, bestBlock(best)),
      now,
    ),
  );
  return { channels, best };
}

// LDK's objects, wired together, new or as they were saved.
import { randomBytes } from 'node:crypto';
import type { Rpc } from '../rpc.ts';
import { bestBlock, followChain, monitorTransactions, type Best } from './chain-follower.ts';
import { displayHash, hex, ldk, persister, pin, silentLogger, unwrap, type MonitorSink } from './library.ts';
import { feerateFor, userConfig, type LdkSettings } from './settings.ts';
import type { LdkStore } from './store.ts';

export const MANAGER_KEY = 'manager';
export const MONITOR_PREFIX = 'monitor-';

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
  readonly signer: ldk.NodeSigner;
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

type Parts = {
  readonly settings: LdkSettings;
  readonly rpc: Rpc;
  readonly store: LdkStore;
  readonly config: ldk.UserConfig;
  readonly fees: ldk.FeeEstimator;
  readonly broadcaster: ldk.BroadcasterInterface;
  readonly logger: ldk.Logger;
  readonly entropy: ldk.EntropySource;
  readonly signer: ldk.NodeSigner;
  readonly signers: ldk.SignerProvider;
  readonly watch: ldk.Watch;
  readonly router: ldk.Router;
  readonly messageRouter: ldk.MessageRouter;
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
  const saved = store.get(MANAGER_KEY);
  const { channels, best } =
    saved === null ? await freshManager(parts, now) : await savedManager(parts, saved);

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
    signer,
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

type Manager = { readonly channels: ldk.ChannelManager; readonly best: Best };

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

/** Reads the monitors, then the manager with them; then each catches up with the chain from where it was saved. */
async function savedManager(parts: Parts, saved: Uint8Array): Promise<Manager> {
  const { rpc, store, broadcaster, fees, logger } = parts;
  const monitors = store.keys(MONITOR_PREFIX).map((key) => {
    const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelMonitorZ_read(
      store.get(key) ?? new Uint8Array(),
      parts.entropy,
      parts.signers,
    );
    return pin(pin(unwrap<ldk.TwoTuple_ThirtyTwoBytesChannelMonitorZ>(read, key)).get_b());
  });
  const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelManagerZ_read(
    saved,
    parts.entropy,
    parts.signer,
    parts.signers,
    fees,
    parts.watch,
    broadcaster,
    parts.router,
    parts.messageRouter,
    logger,
    parts.config,
    monitors,
  );
  const channels = pin(pin(unwrap<ldk.TwoTuple_ThirtyTwoBytesChannelManagerZ>(read, MANAGER_KEY)).get_b());
  for (const monitor of monitors) await catchUpMonitor(parts, monitor);
  const listener = pin(channels.as_Listen());
  const best = await followChain(rpc, bestOf(channels.current_best_block()), {
    connected: ({ bytes, height }) => listener.block_connected(bytes, height),
    disconnected: (header, height) => listener.block_disconnected(header, height),
  });
  for (const monitor of monitors) {
    const funding = monitor.get_funding_txo().get_a();
    const outPoint = ldk.OutPoint.constructor_new(funding.get_txid(), funding.get_index());
    unwrap(parts.watch.watch_channel(outPoint, monitor), 'watch_channel');
  }
  return { channels, best };
}

/** A monitor is saved with its block, but not at every block, so it may be behind the manager. */
async function catchUpMonitor(parts: Parts, monitor: ldk.ChannelMonitor): Promise<void> {
  const { rpc, broadcaster, fees, logger } = parts;
  const missed: { height: number; hash: string; header: Uint8Array }[] = [];
  await followChain(rpc, bestOf(monitor.current_best_block()), {
    connected: ({ hash, height, bytes }) => missed.push({ hash, height, header: bytes.slice(0, 80) }),
    disconnected: (header, height) => {
      // Blocks noted on a branch that is gone were never told.
      if (missed.at(-1)?.height === height) missed.pop();
      else monitor.block_disconnected(header, height, broadcaster, fees, logger);
    },
  });
  for (const { hash, height, header } of missed) {
    const transactions = await monitorTransactions(rpc, hash);
    monitor.block_connected(header, transactions, height, broadcaster, fees, logger);
  }
}

const bestOf = (block: ldk.BestBlock): Best => ({
  hash: displayHash(block.get_block_hash()),
  height: block.get_height(),
});

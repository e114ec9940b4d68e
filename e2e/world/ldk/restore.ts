// A channel manager as it was saved, brought up to the chain's tip.
import type { Rpc } from '../rpc.ts';
import { followChain, monitorTransactions, type Best } from './chain-follower.ts';
import { savedMonitors } from './journal.ts';
import { displayHash, ldk, pin, unwrap } from './library.ts';
import type { LdkSettings } from './settings.ts';
import type { LdkStore } from './store.ts';

/** What a channel manager is made of. */
export type Parts = {
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

export type Manager = { readonly channels: ldk.ChannelManager; readonly best: Best };

/** Reads the monitors, then the manager with them; then each catches up with the chain from where it was saved. */
export async function restoreManager(parts: Parts, saved: Uint8Array): Promise<Manager> {
  const { rpc, store, broadcaster, fees, logger } = parts;
  const monitors = savedMonitors(store).map((bytes) => {
    const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelMonitorZ_read(
      bytes,
      parts.entropy,
      parts.signers,
    );
    return pin(pin(unwrap<ldk.TwoTuple_ThirtyTwoBytesChannelMonitorZ>(read, 'monitor')).get_b());
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
  const channels = pin(pin(unwrap<ldk.TwoTuple_ThirtyTwoBytesChannelManagerZ>(read, 'manager')).get_b());
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

import { NETWORKS } from '../base/network.ts';
import { PeerConnections } from '../peer/connections.ts';
import { describeClose } from '../peer/close-reason.ts';
import { DEFAULT_TIMING } from '../peer/session.ts';
import type { Core } from './core.ts';
import { FEATURES } from './features.ts';
import type { Identity } from './identity.ts';
import type { PeerRouter } from './peer-router.ts';

/** The node's connections: what they bring becomes inputs of the driver. */
export function openConnections(core: Core, identity: Identity, router: PeerRouter): PeerConnections {
  const { dial, clock, random, network, log } = core.options;
  const peers: PeerConnections = new PeerConnections({
    dial,
    clock,
    random,
    session: {
      identity: identity.noise,
      random,
      features: FEATURES,
      chains: [NETWORKS[network].genesisHash],
      remoteAddress: null,
      isCustom: () => false,
      timing: DEFAULT_TIMING,
    },
    onUp: (nodeId, remoteInit, connection) =>
      core.driver.submit((turn) => {
        turn.after(() => peers.begin(nodeId, connection));
        router.up(turn, nodeId, remoteInit);
      }),
    onMessage: (nodeId, message) => core.driver.submit((turn) => router.message(turn, nodeId, message)),
    onDown: (nodeId, reason) => {
      log('info', 'peer', 'disconnected', { nodeId, why: describeClose(reason) });
      core.driver.submit((turn) => router.down(turn, nodeId));
    },
    onChange: () => core.changed(),
  });
  return peers;
}

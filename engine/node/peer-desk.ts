import type { NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import type { Scid } from '../base/units.ts';
import { summary } from '../channel/machine.ts';
import { LSPS_MESSAGE } from '../lsp/lsps0.ts';
import { PeerConnections } from '../peer/connections.ts';
import { describeClose } from '../peer/close-reason.ts';
import { DEFAULT_TIMING } from '../peer/session.ts';
import { supports } from '../wire/features.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import type { Core } from './core.ts';
import { hasChannelWith } from './commands/peers.ts';
import { FEATURES } from './features.ts';
import { GossipDesk } from './graph/gossip-desk.ts';
import type { Identity } from './identity.ts';
import { OnionRelay } from './onion-relay.ts';
import type { PeerRouter } from './peer-router.ts';

/**
 * Messages of one peer that may wait while a turn is saved: more than any honest exchange comes to (483 HTLCs each way,
 * and what belongs to them). Past this the peer does not wait for answers, or the disk takes nothing. A large one counts
 * for as many as it is long: 8 MB wait at most.
 */
const MAX_WAITING = 4_000;
/** update_add_htlc, the longest of those that come in numbers, is shorter. */
const USUAL_LENGTH = 2_048;

/** The node's connections: what they bring becomes inputs of the driver. */
export function openConnections(
  core: Core,
  identity: Identity,
  router: PeerRouter,
  gossip: GossipDesk,
): PeerConnections {
  const { dial, clock, random, network, log } = core.options;
  const waiting = new Map<NodeId, number>();
  const onMessage = (nodeId: NodeId, message: WireMessage, length: number): void => {
    if (message.name === 'onion_message') return void onions.heard(nodeId, message);
    if (GossipDesk.concerns(message)) {
      // Of all gossip only this may change a channel of ours.
      const isOfOurs = message.name === 'channel_update' && router.named(nodeId, message).length > 0;
      gossip.heard(nodeId, message, isOfOurs);
      if (!isOfOurs) return;
    }
    const before = waiting.get(nodeId) ?? 0;
    if (before >= MAX_WAITING) return peers.disconnect(nodeId, { code: 'flooding', waiting: before });
    const cost = Math.max(1, Math.ceil(length / USUAL_LENGTH));
    waiting.set(nodeId, before + cost);
    core.driver.submit((turn) => {
      const left = (waiting.get(nodeId) ?? cost) - cost;
      if (left === 0) waiting.delete(nodeId);
      else waiting.set(nodeId, left);
      router.message(turn, nodeId, message);
    });
  };
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
      isCustom: (type) => type === LSPS_MESSAGE,
      timing: DEFAULT_TIMING,
    },
    hasChannel: (nodeId) => hasChannelWith(core, nodeId),
    onUp: (nodeId, remoteInit, connection) => {
      log('info', 'peer', 'connected', { nodeId });
      gossip.up(nodeId, remoteInit);
      core.driver.submit((turn) => {
        turn.after(() => peers.begin(nodeId, connection));
        router.up(turn, nodeId, remoteInit);
        turn.after(() => void gossip.begin(nodeId).catch((error: unknown) => core.onBug(error)));
      });
    },
    onMessage,
    onDown: (nodeId, reason) => {
      log('info', 'peer', 'disconnected', { nodeId, why: describeClose(reason) });
      gossip.down(nodeId);
      core.driver.submit((turn) => router.down(turn, nodeId));
    },
    onChange: () => core.changed(),
  });
  const onions = new OnionRelay({
    ourId: identity.nodeId,
    ecdh: identity.noise.ecdh,
    clock,
    isFriend: (nodeId) =>
      core.channels
        .ofPeer(nodeId)
        .some(
          ({ state: { durable } }) => durable?.phase === 'normal' && durable.active[0].confirmed !== null,
        ),
    takes: (nodeId) => {
      const init = peers.remoteInit(nodeId);
      return init !== null && supports(init.features, 'option_onion_messages');
    },
    peerOf: (scid) => peerBehind(core, scid),
    send: (nodeId, message) => peers.send(nodeId, message),
  });
  return peers;
}

/** BOLT 4: "`short_channel_id` is present and corresponds to an announced short_channel_id or a local alias for a channel" */
function peerBehind({ channels, height }: Core, scid: Scid): NodeId | null {
  for (const { state, peerId } of channels.all()) {
    const known = summary(state, height);
    if (known === null) continue;
    if (known.localAlias === scid || (known.isAnnounced && known.scid === scid)) return peerId;
  }
  return null;
}

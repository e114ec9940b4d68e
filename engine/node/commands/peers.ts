import { err, ok, type Result } from '../../base/result.ts';
import type { NodeId } from '../../base/ids.ts';
import type { PeerAddress } from '../../base/ports.ts';
import type { CloseReason } from '../../peer/close-reason.ts';
import type { ConnectOutcome } from '../../peer/peer.ts';
import type { Answer, NodeApi, PeerDetails } from '../api.ts';
import { addressArgument, invalid, nodeIdArgument } from '../arguments.ts';
import type { Core } from '../core.ts';
import type { Desks } from '../desks.ts';
import type { AliasOf } from '../graph/alias.ts';
import { forgetPeer, writePeer } from '../peer-record.ts';
import type { Refusal } from '../refusal.ts';
import { refusalFromConnection } from '../refusal-from.ts';
import type { Turn } from '../turn.ts';

const CONNECT_MS = 30_000;

/** Connects, unless there is a connection already. */
export async function connectTo(core: Core, nodeId: NodeId, address: PeerAddress): Answer<void> {
  const { running } = core;
  if (running === null) return err({ code: 'not-running' });
  if (nodeId === running.identity.nodeId) return err({ code: 'own-node' });
  const outcome = await new Promise<ConnectOutcome | null>((resolve) => {
    const cancel = core.options.clock.after(CONNECT_MS, () => resolve(null));
    running.peers.connect(nodeId, address, (result) => {
      cancel();
      resolve(result);
    });
  });
  if (outcome === null) return err({ code: 'timed-out', waitingFor: 'the peer' });
  if (!outcome.ok) return err(refusalFromConnection(outcome.error));
  // The turn that told the channels of the connection comes first: what is asked for next finds it begun.
  await core.inTurn<void>((_turn, done) => done());
  return ok(undefined);
}

/** From now on connected to at each start. */
export function keepPeer(core: Core, turn: Turn, nodeId: NodeId, { host, port }: PeerAddress): void {
  const peer = { nodeId, host, port };
  core.keptPeers.set(nodeId, peer);
  turn.write([writePeer(peer)]);
  turn.after(() => core.running?.peers.keep(nodeId, { host, port }));
}

export const hasChannelWith = (core: Core, nodeId: NodeId): boolean =>
  core.channels
    .ofPeer(nodeId)
    .some(({ state }) => state.durable !== null && state.durable.phase !== 'closed');

export function peerCommands({ core, graph }: Desks): Pick<NodeApi, 'connect' | 'disconnect' | 'listPeers'> {
  return {
    connect: async (nodeId, host, port, persist) => {
      const id = nodeIdArgument(nodeId);
      if (!id.ok) return id;
      const address = addressArgument(host, port);
      if (!address.ok) return address;
      if (typeof persist !== 'boolean') return invalid('persist', 'true or false is needed');
      const connected = await connectTo(core, id.value, address.value);
      if (!connected.ok || !persist) return connected;
      return core.inTurn((turn, done) => {
        keepPeer(core, turn, id.value, address.value);
        done(connected);
      });
    },

    disconnect: async (nodeId) => {
      const id = nodeIdArgument(nodeId);
      if (!id.ok) return id;
      const { running } = core;
      if (running === null) return err({ code: 'not-running' });
      return core.inTurn<Result<void, never>>((turn, done) => {
        // A peer with a channel is needed again at the next start.
        if (core.keptPeers.has(id.value) && !hasChannelWith(core, id.value)) {
          core.keptPeers.delete(id.value);
          turn.write([forgetPeer(id.value)]);
        }
        turn.after(() => running.peers.release(id.value));
        done(ok(undefined));
      });
    },

    listPeers: () => Promise.resolve(peerDetails(core, (id) => graph.alias(id))),
  };
}

/** Of the connection, or of what it does while that stands. */
function toldOf(core: Core, nodeId: NodeId, reason: CloseReason | null | undefined): Refusal | null {
  if (reason != null) return refusalFromConnection(reason);
  const excess = core.running?.excess(nodeId) ?? null;
  return excess === null
    ? null
    : {
        code: 'peer-misbehaved',
        reason: 'asks-for-channels',
        detail: `asked for ${excess.asked}, funded ${excess.funded}`,
      };
}

export function peerDetails(core: Core, alias: AliasOf): readonly PeerDetails[] {
  const listed = new Map(core.running?.peers.list().map((peer) => [peer.nodeId, peer]));
  const kept = [...core.keptPeers.values()].map(({ nodeId, host, port }): PeerDetails => {
    const status = listed.get(nodeId);
    listed.delete(nodeId);
    return {
      nodeId,
      host,
      port,
      alias: alias(nodeId),
      state: status?.state ?? 'disconnected',
      persisted: true,
      lastError: toldOf(core, nodeId, status?.lastError),
    };
  });
  const others = [...listed.values()].map(({ nodeId, address, state, lastError }): PeerDetails => ({
    nodeId,
    host: address?.host ?? '',
    port: address?.port ?? 0,
    alias: alias(nodeId),
    state,
    persisted: false,
    lastError: toldOf(core, nodeId, lastError),
  }));
  return [...kept, ...others];
}

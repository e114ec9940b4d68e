import type { NodeId } from '../../base/ids.ts';
import type { BackupDetails, BackupPeer, BackupSearch } from '../backup-api.ts';
import type { BackupDesk } from '../backup/desk.ts';
import type { Keeper } from '../backup/records.ts';
import { MAX_PEER_STORAGE_BLOB } from '../../wire/peer-storage.ts';
import { STATIC_PAYMENT_KEYS } from '../../wallet/key-tree.ts';
import { hasLostData } from '../../channel/lost-data.ts';
import type { Core } from '../core.ts';
import type { AliasOf } from '../graph/alias.ts';
import { isPassing, type Search } from '../strays/search.ts';

export function backupDetails(core: Core, backup: BackupDesk, alias: AliasOf): BackupDetails {
  const open = [...core.channels.all()].filter(
    ({ state: { durable } }) => durable !== null && durable.phase !== 'closed',
  );
  const withChannel = new Set(open.map(({ peerId }) => peerId));
  const { counter, file } = backup.keepers.own;
  return {
    counter,
    isBehind: backup.keepers.isBehind,
    channels: open.filter(({ state: { durable } }) => durable !== null && !hasLostData(durable)).length,
    peers: [...new Set([...withChannel, ...backup.keepers.all.keys()])].map((peer) =>
      peerOf(core, backup, peer, withChannel.has(peer), alias(peer)),
    ),
    file,
    keptForPeers: backup.guests.count,
    search: core.strays === null ? null : searchOf(core.strays),
  };
}

const searchOf = (search: Search): BackupSearch => ({
  keysChecked: search.next,
  keysTotal: STATIC_PAYMENT_KEYS,
  rounds: search.passes,
  foundSat: search.found.reduce((sum, { amount }) => sum + amount, 0n),
  nextHeight: isPassing(search) ? null : (search.again[0] ?? null),
});

function peerOf(
  core: Core,
  backup: BackupDesk,
  nodeId: NodeId,
  hasChannel: boolean,
  alias: string | null,
): BackupPeer {
  const keeper = backup.keepers.all.get(nodeId) ?? null;
  const offers = backup.offers(nodeId);
  return {
    nodeId,
    alias,
    connected: (core.running?.peers.remoteInit(nodeId) ?? null) !== null,
    state: stateOf(keeper, offers, hasChannel, backup.whyLeftAlone(nodeId)),
    sent: keeper?.sent ?? null,
    checkedAt: keeper?.returned?.at ?? null,
    isBrief: keeper !== null && keeper.capacity < MAX_PEER_STORAGE_BLOB,
  };
}

function stateOf(
  keeper: Keeper | null,
  offers: boolean | null,
  hasChannel: boolean,
  leftAlone: ReturnType<BackupDesk['whyLeftAlone']>,
): BackupPeer['state'] {
  if (offers === false) return 'not-offered';
  if (leftAlone !== null && (keeper?.sent ?? null) === null)
    return leftAlone === 'runs-elsewhere' ? 'shared' : 'from-later';
  const returned = keeper?.returned ?? null;
  if (returned !== null && returned.expected > 0) {
    if (returned.counter === 0) return 'missing';
    if (returned.counter < returned.expected) return 'outdated';
  }
  if (keeper !== null && keeper.sent !== null) return 'kept';
  return offers === null || !hasChannel ? 'unknown' : 'pending';
}

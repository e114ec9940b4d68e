import { isAhead, reachedBy } from '../../channel/backup.ts';
import { isLive } from '../../channel/state.ts';
import { keepPeer } from '../commands/peers.ts';
import type { Core } from '../core.ts';
import type { Turn } from '../turn.ts';
import { channelsIn, type BackupPart, type SavedChannel } from './content.ts';

/** What a backup brought. */
export type Adopted = {
  /** Channels that were not on this disk: they are being closed. */
  readonly found: number;
  /** Channels that were, and are further on in the backup: stopped, they are being closed. */
  readonly stopped: number;
  /** In the backup, and here as well. */
  readonly known: number;
};

/**
 * Takes over what a backup knows and this disk does not. No channel of it is ever used: what comes back may be old.
 * @param unknown false: channels that are not on this disk are left to another device
 */
export function adopt(core: Core, turn: Turn, content: BackupPart, unknown = true): Adopted {
  const { running, channels } = core;
  let [found, stopped, known] = [0, 0, 0];
  if (running === null) return { found, stopped, known };
  for (const saved of channelsIn(content, (keyId) => running.identity.signers.of(keyId))) {
    const { durable } = saved;
    const ours = channels.get(durable.params.channelId);
    if (ours?.state.durable == null) {
      if (!unknown) continue;
      const channel = channels.adopt(turn, durable);
      found += 1;
      const remoteInit = running.peers.remoteInit(channel.peerId);
      if (remoteInit !== null) channels.deliver(turn, channel, { tag: 'connected', remoteInit });
    } else if (goesPast(saved, ours.state.durable)) {
      const isNews = isLive(ours.state.durable);
      channels.command(turn, ours, { tag: 'fall-back', known: saved.isWhole ? durable : null });
      if (isNews) stopped += 1;
      else known += 1;
    } else known += 1;
  }
  const wanted = new Set([...channels.all()].map(({ peerId }) => peerId));
  for (const { nodeId, host, port } of content.peers)
    if (wanted.has(nodeId) && !core.keptPeers.has(nodeId)) keepPeer(core, turn, nodeId, { host, port });
  return { found, stopped, known };
}

/** Whether it has channels that are not on this disk. */
export const hasUnknown = ({ running, channels }: Core, content: BackupPart): boolean =>
  running !== null &&
  channelsIn(content, (keyId) => running.identity.signers.of(keyId)).some(
    ({ durable }) => channels.get(durable.params.channelId)?.state.durable == null,
  );

function goesPast(saved: SavedChannel, ours: SavedChannel['durable']): boolean {
  // One that came from a backup with less in it may be closed already by the time that the other is there.
  const lostData = ours.phase === 'closed' ? ours.past?.lostData : ours.phase === 'closing' && ours.lostData;
  const mayLearn = ours.phase === 'data-loss' || (lostData === true && saved.isWhole);
  if (!isLive(ours) && !mayLearn) return false;
  // Of a channel that waits to be closed, the least of it adds nothing.
  return isAhead(saved.reached, reachedBy(ours)) && (saved.isWhole || isLive(ours));
}

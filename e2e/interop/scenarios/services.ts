import { expect } from 'vitest';
import type { NodeApi } from '../../../engine/node/api.ts';
import type { BuiltNode } from '../../../engine/platform/build-node.ts';
import { spendOf } from '../../real/scenarios/accounts.ts';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { WORDS } from '../../world/leyden/leyden.ts';
import { LocalLeyden } from '../../world/leyden/local-leyden.ts';
import { until } from '../../world/until.ts';
import { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

/** More than a commitment and what is swept of it may cost here. */
const COSTS = 30_000n;

/** The peer keeps our backup and gives it to whoever comes with our words; then it closes, and ours is ours. */
async function peerStorage({ kind }: Play): Promise<void> {
  const play = await Play.start(kind);
  let device: LocalLeyden | null = null;
  try {
    const { us, peer, stage } = play;
    const channel = await play.channel();
    await until(async () => (await us.api.snapshot('backup')).peers[0]?.state === 'kept', {
      what: 'a peer that keeps the backup',
      timeoutMs: 90_000,
      describe: () => us.api.snapshot('backup'),
    });
    // Sent is not kept yet: who has taken what comes after it, one after the other, has it.
    await play.payOut(5_000_000n);
    const { localMsat } = await play.settled(channel.channelId);
    const { onchain } = await us.api.listBalances();
    await us.kill();
    // What it keeps is on its disk.
    await peer.kill();
    await peer.restart();
    device = await LocalLeyden.start({
      mnemonic: WORDS[0] ?? '',
      esplora: [stage.esplora.url],
      syncEveryMs: 1_000,
    });
    const { api } = device;
    valueOf(await (api as NodeApi & Pick<BuiltNode, 'restoreOnchain'>).restoreOnchain());
    const { host, port } = peer.address;
    expect(valueOf(await api.backup.askPeer(peer.id, host, port))).toMatchObject({ found: 1 });
    await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    for (let blocks = 0; blocks < 90; blocks += 3) {
      await stage.chain.mine(3);
      await until(async () => (await api.sync()).ok, { what: 'the chain seen' });
      if ((await api.listChannels()).every(({ state }) => state === 'closed')) break;
    }
    await waitForChannel(device, ({ state }) => state === 'closed');
    const after = await api.listBalances();
    expect(after.totalMsat / 1000n).toBeGreaterThan(onchain.confirmedSat + localMsat / 1000n - COSTS);
  } finally {
    await device?.stop();
    await play.stop();
  }
}

export const SERVICES = { 'peer-storage': peerStorage } satisfies Scenarios;

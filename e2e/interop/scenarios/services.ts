import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { fromHex } from '../../../engine/base/bytes.ts';
import {
  blindForMessages,
  buildOnionMessage,
  openOnionMessage,
} from '../../../engine/onion/onion-message.ts';
import { systemRandom } from '../../../engine/platform/system-random.ts';
import { spendOf } from '../../real/scenarios/accounts.ts';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { WORDS } from '../../world/leyden/leyden.ts';
import { until } from '../../world/until.ts';
import { restored, type Us } from '../our-side.ts';
import { COSTS, Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { Stranger } from '../stranger.ts';

/** The peer keeps our backup and gives it to whoever comes with our words; then it closes, and ours is ours. */
async function peerStorage({ kind, place }: Play): Promise<void> {
  const play = await Play.start(kind, place);
  let device: Us | null = null;
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
    device = await restored(place, {
      mnemonic: WORDS[0] ?? '',
      esplora: [stage.esplora.url],
      syncEveryMs: 1_000,
    });
    const { api } = device;
    const { host, port } = peer.address;
    expect(valueOf(await api.backup.askPeer(peer.id, host, port))).toMatchObject({ found: 1 });
    await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    for (let blocks = 0; blocks < 90; blocks += 3) {
      await stage.chain.mine(3);
      await until(async () => (await api.sync()).ok, { what: 'the chain seen' });
      if ((await api.listChannels()).every(({ state }) => state === 'closed')) break;
    }
    const { closing } = await waitForChannel(device, ({ state }) => state === 'closed');
    expect(['remote-force', 'unknown']).toContain(closing?.kind);
    const after = await api.listBalances();
    expect(after.totalMsat / 1000n).toBeGreaterThan(onchain.confirmedSat + localMsat / 1000n - COSTS);
  } finally {
    await device?.stop();
    await play.stop();
  }
}

/** No BOLT gives this record a meaning. */
const TEXT = 65_537n;

/** Nobody who relays a message knows more of it than whom it came from, and to whom it goes on. */
async function onionMessages(play: Play): Promise<void> {
  const { us, peer } = play;
  await play.channel();
  const atUs = await Stranger.meet(us);
  const atPeer = await Stranger.meet(peer);
  try {
    for (const [from, to, ...way] of [
      [atUs, atPeer, us.id, peer.id],
      [atPeer, atUs, peer.id, us.id],
    ] as const) {
      await from.features();
      await to.features();
      const text = systemRandom(16);
      const pathId = systemRandom(32);
      const nodes = [...way, to.id].map((id) => fromHex(id));
      // They are not reliable: what does not arrive is said again.
      const isThere = async (): Promise<boolean> => {
        const path = blindForMessages(systemRandom(32), nodes, pathId);
        from.send(valueOf(buildOnionMessage(systemRandom(32), path, [{ type: TEXT, value: text }])));
        await pause(1_000);
        return to.heard.some((message) => {
          if (message.name !== 'onion_message') return false;
          const opened = openOnionMessage(message, to.identity.ecdh);
          if (opened.tag !== 'arrived') return false;
          expect(opened).toEqual({ tag: 'arrived', pathId, records: [{ type: TEXT, value: text }] });
          return true;
        });
      };
      await until(isThere, { what: `a message over ${way.join(' and ')}` });
    }
  } finally {
    atUs.hangUp();
    atPeer.hangUp();
  }
}

export const SERVICES = {
  'onion-messages': onionMessages,
  'peer-storage': peerStorage,
} satisfies Scenarios;

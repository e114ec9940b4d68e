import { expect } from 'vitest';
import { spendOf } from '../../real/scenarios/accounts.ts';
import { spenderOf } from '../../real/scenarios/chain-money.ts';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { WORDS } from '../../world/leyden/leyden.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { restored, type Us } from '../our-side.ts';
import { COSTS, Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { keepCopy } from './pending.ts';

/** Who has said nothing by then says nothing; who says something says it by then. */
const SILENT_MS = 20_000;
const ASKS_MS = 60_000;

/** The same words on an empty disk with a file of some payments ago: the peer closes, and ours is ours. */
async function ours({ kind, place }: Play): Promise<void> {
  // A wallet that is lost is of no use to the scenarios after this one.
  const play = await Play.start(kind, place);
  let device: Us | null = null;
  try {
    const { us, stage } = play;
    const channel = await play.channel();
    await play.payOut(5_000_000n);
    const file = valueOf(await us.api.backup.export()).bytes.slice();
    await play.payOut(5_000_000n);
    const { localMsat } = await play.settled(channel.channelId);
    const { onchain } = await us.api.listBalances();
    await us.kill();
    device = await restored(place, {
      mnemonic: WORDS[0] ?? '',
      esplora: [stage.esplora.url],
      syncEveryMs: 1_000,
    });
    const { api } = device;
    expect(valueOf(await api.backup.restore(file))).toMatchObject({ found: 1 });
    await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    // What was in flight in the file may end otherwise until it expires, which Electrum lets be far away.
    for (let blocks = 0; blocks < 300; blocks += 6) {
      await stage.chain.mine(6);
      await until(async () => (await api.sync()).ok, { what: 'the chain seen' });
      if ((await api.listChannels()).every(({ state }) => state === 'closed')) break;
    }
    const { closing } = await waitForChannel(device, ({ state }) => state === 'closed');
    // A state that may be an old one is not ours to publish.
    expect(['remote-force', 'unknown']).toContain(closing?.kind);
    const after = await api.listBalances();
    expect(after.totalMsat / 1000n).toBeGreaterThan(onchain.confirmedSat + localMsat / 1000n - COSTS);
  } finally {
    await device?.stop();
    await play.stop();
  }
}

/**
 * They come back with an old disk: we have the newest state, and it is the one that closes. BOLT 2 §Message
 * Retransmission: "The other node should wait for that `error` to give the fallen-behind node an opportunity to fix its
 * state first". LDK never sends one: it stops itself, on purpose; Electrum stands still. Then a person closes.
 */
async function theirs({ kind, place }: Play): Promise<void> {
  // Who came back with an old disk is no peer for the scenarios after this one, nor is one that did in one before.
  const play = await Play.start(kind, place);
  try {
    await saved(play);
  } finally {
    await play.stop();
  }
}

async function saved(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  const channel = await play.open({ by: 'us' });
  const goBack = await keepCopy(play);
  await play.together(channel.channelId);
  await play.payOut(20_000_000n);
  await play.payIn(50_000_000n);
  const { localMsat } = await play.settled(channel.channelId);
  const before = await play.onchainSat();
  valueOf(await us.api.disconnect(peer.id));
  await goBack();
  await us.api.connect(peer.id, peer.address.host, peer.address.port, true);
  const [txId, index] = [channel.fundingTxId ?? '', channel.fundingIndex ?? 0];
  const isSilent = !does(play.kind.name, 'asks-for-the-end');
  const asked = until(async () => (await spenderOf(stage, txId, index)) !== null, {
    what: 'them to ask for the end of it',
    timeoutMs: isSilent ? SILENT_MS : ASKS_MS,
    describe: async () => [await us.api.listPeers(), await us.api.listChannels(), us.log.slice(-20)],
  });
  if (!isSilent) await asked;
  else {
    await expect(asked).rejects.toThrow('timed out');
    // What stopped inside may still stand there.
    await peer.kill();
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    await play.spendOfFunding(channel);
  }
  for (let blocks = 0; blocks < 300; blocks += 3) {
    await stage.mine(3);
    const now = (await us.api.listChannels()).find((one) => one.channelId === channel.channelId);
    if (now?.state === 'closed') break;
  }
  const { closing } = await play.ended(channel.channelId);
  // What they could publish they revoked.
  expect(closing?.kind).toBe('local-force');
  await stage.sync();
  expect(await play.onchainSat()).toBeGreaterThan(before + localMsat / 1000n - COSTS);
  if (!peer.isRunning()) await peer.restart();
  await play.quiet();
}

export const LOSING = { 'loss-of-ours': ours, 'loss-of-theirs': theirs } satisfies Scenarios;

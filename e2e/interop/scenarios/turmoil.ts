import { expect } from 'vitest';
import { ClosingStage, type InFlight } from '../../real/scenarios/closing-stage.ts';
import { waitForChannel, waitForPayment } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { CAPACITY, PUSH, USUAL, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

/** Estimates are asked for once in a while, and at each start. */
async function toldToUs({ us, stage }: Play, satPerVb: number): Promise<void> {
  stage.esplora.setFeeEstimates({ 2: satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });
  await us.restart();
  await stage.sync();
}

async function feesByUs(play: Play): Promise<void> {
  const { peer, stage } = play;
  const { channelId } = await play.channel();
  for (const satPerVb of [9, 3, 5]) {
    await toldToUs(play, satPerVb);
    await play.together(channelId);
    // Looked at with each block.
    await stage.mine(1);
    await hasFeerate(play, channelId, (perKw) => perKw === satPerVb * 250);
    await play.payOut(1_000_000n);
    await play.settled(channelId);
    await play.payIn(1_000_000n);
    await play.settled(channelId);
    const theirs = (await peer.channels()).find((one) => one.channelId === channelId);
    if (theirs?.feeratePerKw != null) expect(theirs.feeratePerKw).toBe(satPerVb * 250);
  }
}

/** sat/vB: an ordinary day, and one on which everybody wants into the next block. */
const QUIET = 2;
const SPIKE = 200;

/** What it is. Some look at what they are told once in a minute. */
export async function hasFeerate(
  { us }: Play,
  channelId: string,
  isIt: (perKw: number) => boolean,
): Promise<number> {
  const now = async (): Promise<number> =>
    (await us.api.listChannels()).find((one) => one.channelId === channelId)?.feeratePerKw ?? 0;
  await until(async () => isIt(await now()), {
    what: 'another fee rate',
    everyMs: 20,
    timeoutMs: 90_000,
    describe: async () => [await us.api.listChannels(), us.log.slice(-8)],
  });
  return now();
}

/**
 * Whoever opened: while an HTLC is held each way both are told of fee rates that went up so far at once, and then down
 * again. Nobody closes, what was held is claimed, and all can pay.
 */
async function feeSpike(play: Play): Promise<void> {
  for (const by of ['us', 'them'] as const) await spiked(play, by);
}

async function spiked(play: Play, by: 'us' | 'them'): Promise<void> {
  const { us, peer, stage, kind } = play;
  // A chain that has lasted for a while has estimates of its own.
  await toldToUs(play, USUAL);
  const { channelId, feeratePerKw } = await play.open({ by, capacitySat: 3_000_000n });
  const follows = by === 'us' || does(kind.name, 'follows-fees');
  const goTo = async (ours: number, theirs: number): Promise<void> => {
    await toldToUs(play, ours);
    await feerateToldTo(play, theirs * 250);
    await stage.sync();
    await play.together(channelId);
    await stage.mine(1);
  };
  const holding = async (satPerVb: number, isIt: (perKw: number) => boolean): Promise<number> => {
    const held = await new ClosingStage(stage, us, peer).inFlight();
    await goTo(satPerVb, satPerVb);
    const perKw = follows ? await hasFeerate(play, channelId, isIt) : feeratePerKw;
    await claimed(play, held);
    await play.payBothWays(await play.settled(channelId));
    return perKw;
  };
  try {
    // With anchors a commitment of ours goes no further than to be relayed for certain: a child adds what is missing.
    const top = await holding(SPIKE, (perKw) => perKw > feeratePerKw);
    const bottom = await holding(QUIET, (perKw) => perKw < top);
    if (by === 'us') expect(bottom).toBe(QUIET * 250);
  } finally {
    // Some sign no closing transaction far below their own estimate.
    await goTo(USUAL, QUIET);
  }
  await play.quiet();
}

async function claimed({ us, peer }: Play, { out, sentId, inwards, heldId }: InFlight): Promise<void> {
  await peer.claim(out.preimage);
  valueOf(await us.api.bolt11.claim(inwards.preimage));
  for (const id of [sentId, heldId])
    expect(await waitForPayment(us, id)).toMatchObject({ state: 'succeeded', failure: null });
}

export async function feerateToldTo({ peer }: Play, perKw: number): Promise<void> {
  if (peer.setFeerate === undefined) throw new Error(`${peer.alias} takes no fee rate`);
  await peer.setFeerate(perKw);
}

async function feesByThem(play: Play): Promise<void> {
  const { channelId, feeratePerKw } = await play.open({ by: 'them' });
  for (const perKw of [feeratePerKw * 4, feeratePerKw]) {
    await feerateToldTo(play, perKw);
    // Who was started anew for it says it with the next block.
    await play.together(channelId);
    await play.stage.mine(1);
    await hasFeerate(play, channelId, (now) => now === perKw);
    await play.payOut(1_000_000n);
    await play.settled(channelId);
    await play.payIn(1_000_000n);
    await play.settled(channelId);
  }
  await play.closeTogether(await play.settled(channelId), 'us');
}

/** Two blocks have the funding transaction, which is less than we wait for; three others have not. */
async function reorg(play: Play): Promise<void> {
  for (const by of ['us', 'them'] as const) await takenBack(play, by);
}

async function takenBack(play: Play, by: 'us' | 'them'): Promise<void> {
  const { us, peer, stage } = play;
  await play.closeTogether(await play.channel(), 'us');
  await stage.sync();
  await stage.connect(us, peer);
  const pushMsat = PUSH;
  const { channelId, fundingTxId } =
    by === 'us'
      ? valueOf(await us.api.openChannel({ nodeId: peer.id, ...peer.address, amountSat: CAPACITY, pushMsat }))
      : await peer.openChannel({ nodeId: us.id, capacitySat: CAPACITY, pushMsat });
  await stage.inMempool(fundingTxId);
  valueOf(await us.api.disconnect(peer.id));
  await stage.mine(2);
  await waitForChannel(us, (one) => one.channelId === channelId && one.confirmations === 2);
  await stage.chain.reorg(2, 3);
  await stage.sync();
  await waitForChannel(us, (one) => one.channelId === channelId && one.confirmations === 0);
  await stage.mine(3);
  await play.stage.connect(us, peer);
  await stage.mine(3);
  await play.together(channelId);
  await play.payBothWays(await play.settled(channelId));
}

export const TURMOIL = {
  'fees-by-us': feesByUs,
  'fees-by-them': feesByThem,
  'fee-spike': feeSpike,
  reorg,
} satisfies Scenarios;

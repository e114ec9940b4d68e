import { expect } from 'vitest';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { CAPACITY, PUSH, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

async function feesByUs(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  const { channelId } = await play.channel();
  for (const satPerVb of [9, 3, 5]) {
    stage.esplora.setFeeEstimates({ 2: satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });
    // Estimates are asked for once in a while, and at each start.
    await us.restart();
    await stage.sync();
    await play.together(channelId);
    // Looked at with each block.
    await stage.mine(1);
    await waitForChannel(us, (one) => one.channelId === channelId && one.feeratePerKw === satPerVb * 250);
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
const USUAL = 5;

/** We open, they open, and the fee rates of all go up so far at once; then down again. Nobody closes, and all can pay. */
async function feeSpike(play: Play): Promise<void> {
  const { us, stage } = play;
  const { channelId, feeratePerKw } = await play.open({ by: 'us', capacitySat: 3_000_000n });
  const goTo = async (satPerVb: number): Promise<void> => {
    stage.esplora.setFeeEstimates({ 2: satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });
    await us.restart();
    await stage.sync();
    await play.together(channelId);
    await stage.mine(1);
  };
  try {
    await goTo(SPIKE);
    // With anchors a commitment goes no further than to be relayed for certain: a child adds what is missing.
    await waitForChannel(us, (one) => one.channelId === channelId && one.feeratePerKw > feeratePerKw);
    await play.payBothWays(await play.settled(channelId));
    await goTo(QUIET);
    await waitForChannel(us, (one) => one.channelId === channelId && one.feeratePerKw === QUIET * 250);
    await play.payBothWays(await play.settled(channelId));
    // Some sign no closing transaction far below their own estimate.
    await goTo(USUAL);
    await play.quiet();
  } finally {
    stage.esplora.setFeeEstimates({ 2: USUAL, 6: USUAL, 144: USUAL, 1008: 1 });
  }
}

async function feesByThem(play: Play): Promise<void> {
  const { us, peer } = play;
  if (peer.setFeerate === undefined) throw new Error(`${peer.alias} takes no fee rate`);
  const { channelId, feeratePerKw } = await play.open({ by: 'them' });
  for (const perKw of [feeratePerKw * 4, feeratePerKw]) {
    await peer.setFeerate(perKw);
    await waitForChannel(us, (one) => one.channelId === channelId && one.feeratePerKw === perKw);
    await play.payOut(1_000_000n);
    await play.settled(channelId);
  }
  await play.closeTogether(await play.settled(channelId), 'us');
}

/** Two blocks have the funding transaction, which is less than we wait for; three others have not. */
async function reorg(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  await play.closeTogether(await play.channel(), 'us');
  await stage.connect(us, peer);
  const { channelId, fundingTxId } = valueOf(
    await us.api.openChannel({ nodeId: peer.id, ...peer.address, amountSat: CAPACITY, pushMsat: PUSH }),
  );
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

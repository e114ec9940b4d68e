import { expect, it } from 'vitest';
import { blockHash, outPointKey } from '../../base/ids.ts';
import { blockHeight, feeratePerKw, sat, timestamp, weight } from '../../base/units.ts';
import { feerateOf } from '../../bitcoin/fee.ts';
import { txIdOf, weightOf, type Tx } from '../../bitcoin/tx.ts';
import type { Confirmation } from '../../bitcoin/watch.ts';
import type { ClaimDemand } from '../../channel/claim-demand.ts';
import { planFor } from '../../testkit/claim-plan.ts';
import { spending } from '../../testkit/fake-chain.ts';
import { fakeLift, fakeOpen } from '../../testkit/fake-claims.ts';
import { WalletWorld } from '../../testkit/wallet-world.ts';
import { balanceOf } from '../../wallet/balance.ts';
import { noteTx } from '../../wallet/record-tx.ts';
import { attemptsOf } from './attempt.ts';
import type { ClaimPlan } from './plan.ts';

const HEIGHT = 200;
const FLOOR = feeratePerKw(253);
const LOWEST = { minimum: FLOOR, background: FLOOR, normal: FLOOR, urgent: FLOOR };

function plan(wallet: WalletWorld, demand: ClaimDemand, urgent: number): ClaimPlan<string> {
  const feerates = {
    minimum: feeratePerKw(253),
    background: feeratePerKw(Math.ceil(urgent / 4)),
    normal: feeratePerKw(Math.ceil(urgent / 2)),
    urgent: feeratePerKw(urgent),
  };
  return planFor(wallet, demand, feerates, HEIGHT);
}

async function walletOf(...coins: bigint[]): Promise<WalletWorld> {
  const wallet = new WalletWorld();
  wallet.address();
  await wallet.fund(...coins);
  return wallet;
}

it.each([2_000n, 4_000n, 8_000n, 12_000n])(
  'a child of a commitment that coins of %i do not reach for lifts it as far as half of them do: HTLC transactions need the rest',
  async (coin) => {
    const lift = fakeLift(2_810n, blockHeight(HEIGHT + 10), 200_000n);
    const { built } = plan(await walletOf(coin), { open: [], lift, lost: [] }, 20_000);
    const [child] = built;
    const parent = weightOf(lift.parent);
    if (coin < 8_000n) return expect(child).toBeUndefined();
    if (child === undefined) throw new Error('no child');
    const both = feerateOf(sat(lift.fee + child.fee), weight(parent + weightOf(child.tx)));
    // Less is money for nothing: a block takes the commitment for its own sake first.
    expect(both).toBeGreaterThan(feerateOf(lift.fee, parent));
    expect(child.fee).toBeLessThanOrEqual(coin / 2n);
    expect(child.fee).toBeGreaterThan(coin / 2n - 600n);
  },
);

it('an HTLC that is lost at its deadline has coins before one that nothing takes', async () => {
  const urgent = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const calm = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 140) });
  const demand: ClaimDemand = { open: [urgent, calm], lift: null, lost: [] };
  const { built } = plan(await walletOf(40_000n), demand, 58_000);
  const feeFor = ({ claim }: typeof urgent): bigint =>
    built
      .filter(({ tx }) =>
        tx.inputs.some(({ outPoint }) => outPointKey(outPoint) === outPointKey(claim.outPoint)),
      )
      .reduce((sum, { fee }) => sum + fee, 0n);
  expect(feeFor(urgent)).toBeGreaterThan(feeFor(calm));
});

it('what coins reach is reached at once: the same again does nothing', async () => {
  const wallet = await walletOf(605n, 26_123n, 605n);
  const timeouts = [57_040n, 114_393n, 197_078n].map((amount) =>
    fakeOpen({ kind: 'htlc-timeout', amount, lockTime: 180 }),
  );
  const success = fakeOpen({ kind: 'htlc-success', amount: 107_372n, deadline: blockHeight(HEIGHT + 11) });
  const demand: ClaimDemand = { open: [success, ...timeouts], lift: null, lost: [] };
  plan(wallet, demand, 58_836);
  expect(plan(wallet, demand, 58_836).built.map(({ fee }) => fee)).toEqual([]);
});

it('what waits for nobody keeps no coins from what comes with a deadline', async () => {
  const wallet = await walletOf(20_000n);
  const lift = fakeLift(300n, null, 400_000n);
  // No hurry at all: background rates of a spike, for which coins are too few.
  plan(wallet, { open: [], lift, lost: [] }, 80_000);
  const urgent = fakeOpen({ kind: 'htlc-success', amount: 100_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [urgent], lift, lost: [] };
  const { built } = plan(wallet, demand, 12_000);
  expect(built.map(({ purpose }) => purpose)).toContain('htlc-success');
  const rate = built
    .filter(({ purpose }) => purpose === 'htlc-success')
    .map(({ fee, tx }) => Number(fee) / weightOf(tx));
  expect(Math.max(...rate)).toBeGreaterThan(8);
});

it.each([24_100n, 25_000n, 30_000n])(
  'one coin of %i, too little for the rate and a little more than may be paid: it is taken, with change',
  async (coin) => {
    const late = fakeOpen({ kind: 'htlc-success', amount: 48_000n, deadline: blockHeight(HEIGHT - 6) });
    const { built } = plan(await walletOf(coin), { open: [late], lift: null, lost: [] }, 2_500);
    expect(built).toHaveLength(1);
    expect(built[0]?.fee).toBeLessThanOrEqual(24_000n);
    expect(built[0]?.fee).toBeGreaterThan(14_000n);
  },
);

const DEAR = {
  minimum: feeratePerKw(5_000),
  background: feeratePerKw(5_000),
  normal: feeratePerKw(30_000),
  urgent: feeratePerKw(60_000),
};
const rateOf = ({ fee, tx }: { readonly fee: bigint; readonly tx: Tx }): number =>
  Math.round((1_000 * Number(fee)) / weightOf(tx));

it('coins are not held by what no mempool takes', async () => {
  const wallet = await walletOf(3_000n);
  const urgent = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 12) });
  const { built, shortages } = planFor(wallet, { open: [urgent], lift: null, lost: [] }, DEAR, HEIGHT);
  expect([built, shortages.length]).toEqual([[], 1]);
});

it('near the deadline what servers say is the least that is taken may be a lie: what coins reach is tried', async () => {
  const wallet = await walletOf(3_000n, 6_000n);
  const [first, second] = [8, 9].map((left) =>
    fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + left) }),
  );
  const demand: ClaimDemand = { open: [first!, second!], lift: null, lost: [] };
  // Of a sole server that lies, as high as is believed.
  const lie = feeratePerKw(250_000);
  const all = { minimum: lie, background: lie, normal: lie, urgent: lie };
  const { built, shortages } = planFor(wallet, demand, all, HEIGHT);
  expect(shortages.length).toBeGreaterThan(0);
  const taken = new Set(built.flatMap(({ tx }) => tx.inputs.map(({ outPoint }) => outPointKey(outPoint))));
  expect(taken.has(outPointKey(first!.claim.outPoint))).toBe(true);
  for (const one of built) expect(rateOf(one)).toBeGreaterThan(1_000);
  expect(planFor(wallet, demand, all, HEIGHT).built).toEqual([]);
});

/** A child that coins take no further than to what every server refused, and what comes after it. */
async function refusedChild(...coins: bigint[]) {
  const wallet = await walletOf(...coins);
  const lift = fakeLift(284n, blockHeight(HEIGHT + 8), 1_000_000n);
  const [child] = planFor(wallet, { open: [], lift, lost: [] }, DEAR, HEIGHT).built;
  if (child === undefined) throw new Error('no child');
  const pays = feerateOf(sat(lift.fee + child.fee), weight(weightOf(lift.parent) + weightOf(child.tx)));
  expect(pays).toBeLessThan(DEAR.minimum);
  return { wallet, lift, child, tooLow: new Set([txIdOf(child.tx)]) };
}

it.each([8, 9])(
  'a child that no mempool takes holds no coins for which a claim that comes later (%i blocks left) would be taken',
  async (left) => {
    const { wallet, lift, child, tooLow } = await refusedChild(6_000n);
    const later = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + left) });
    const demand: ClaimDemand = { open: [later], lift, lost: [] };
    // While nobody has refused it, it may be on its way.
    const both = await refusedChild(6_000n);
    expect(planFor(both.wallet, { ...demand, lift: both.lift }, DEAR, HEIGHT).over).toEqual([]);
    const { built, over, shortages } = planFor(wallet, demand, DEAR, HEIGHT, { tooLow });
    expect(over).toEqual([txIdOf(child.tx)]);
    expect(built.map(({ purpose }) => purpose)).toEqual(['htlc-success']);
    expect(rateOf(built[0]!)).toBeGreaterThanOrEqual(DEAR.minimum);
    expect(shortages.map(({ group }) => group.shape)).toContain('lift');
    expect(planFor(wallet, demand, DEAR, HEIGHT)).toMatchObject({ built: [], over: [] });
  },
);

it.each([
  ['has no deadline', DEAR, null, 400_000n],
  ['can wait', DEAR, blockHeight(HEIGHT + 12), 400_000n],
  [
    'would be taken by none, either',
    { ...DEAR, minimum: feeratePerKw(25_000) },
    blockHeight(HEIGHT + 8),
    400_000n,
  ],
  ['is not worth so much', DEAR, blockHeight(HEIGHT + 8), 4_000n],
] as const)('and keeps them from one that %s', async (_, feerates, deadline, amount) => {
  const { wallet, lift, tooLow } = await refusedChild(6_000n);
  const later = fakeOpen({ kind: 'htlc-success', amount, deadline });
  const demand: ClaimDemand = { open: [later], lift, lost: [] };
  const plan = planFor(wallet, demand, feerates, HEIGHT, { tooLow });
  expect(plan).toMatchObject({ built: [], over: [] });
});

it('what a claim leaves to another that came before it is used at once: planned again, nothing is left to do', async () => {
  // Each of the two coins would do for the child but the first, which weighs too much: the other claim takes that one.
  const lift = fakeLift(284n, blockHeight(HEIGHT), 400n);
  const demand: ClaimDemand = {
    open: [fakeOpen({ kind: 'htlc-timeout', amount: 554n, lockTime: HEIGHT - 20 })],
    lift,
    lost: [],
  };
  const wallet = await walletOf(2_000n, 2_000n);
  const { built } = planFor(wallet, demand, LOWEST, HEIGHT);
  expect(built.map(({ purpose }) => purpose).toSorted()).toEqual(['anchor-bump', 'htlc-timeout']);
  expect(planFor(wallet, demand, LOWEST, HEIGHT)).toMatchObject({ built: [], over: [] });
});

it('what a transaction of ours takes in a block, of which its channel has not heard, is not taken again', async () => {
  const taken = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const other = fakeOpen({ kind: 'htlc-success', amount: 300_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [taken], lift: null, lost: [] };
  const wallet = await walletOf(40_000n, 40_000n, 40_000n);
  const [first] = plan(wallet, demand, 5_000).built;
  if (first === undefined) throw new Error('nothing was built');
  const time = timestamp(1_750_000_000);
  const at = { height: blockHeight(HEIGHT), blockHash: blockHash('ab'.repeat(32)), index: 1, time };
  wallet.take(noteTx(wallet.state, { tx: first.tx, at }, time));
  const before = wallet.state;
  expect(plan(wallet, demand, 50_000)).toMatchObject({ built: [], over: [], commit: [] });
  expect(wallet.state).toBe(before);
  // What stands beside it is.
  const { built } = plan(wallet, { ...demand, open: [taken, other] }, 5_000);
  expect(built.map(({ tx }) => tx.inputs.map(({ outPoint }) => outPointKey(outPoint)))).toEqual([
    expect.arrayContaining([outPointKey(other.claim.outPoint)]),
  ]);
});

it('what was taken in a block that is not in the best chain any more is on its way again: raised, and not made beside', async () => {
  const taken = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [taken], lift: null, lost: [] };
  const wallet = await walletOf(40_000n, 40_000n, 40_000n);
  const [first] = plan(wallet, demand, 5_000).built;
  if (first === undefined) throw new Error('nothing was built');
  const time = timestamp(1_750_000_000);
  const at = { height: blockHeight(HEIGHT), blockHash: blockHash('ab'.repeat(32)), index: 1, time };
  wallet.take(noteTx(wallet.state, { tx: first.tx, at }, time));
  const isInBestChain = ({ blockHash: hash }: Pick<Confirmation, 'blockHash'>): boolean =>
    hash !== at.blockHash;
  const feerates = { minimum: FLOOR, background: FLOOR, normal: FLOOR, urgent: feeratePerKw(5_000) };
  const again = (): ClaimPlan<string> => planFor(wallet, demand, feerates, HEIGHT, { isInBestChain });
  expect(again()).toMatchObject({ built: [], over: [], shortages: [] });
  expect(attemptsOf(wallet.state, [demand]).map(({ id }) => id)).toEqual([txIdOf(first.tx)]);
  expect(again().commit).toEqual([]);
  feerates.urgent = feeratePerKw(50_000);
  const [next] = again().built;
  expect(next?.feeBefore).toBe(first.fee);
  expect(attemptsOf(wallet.state, [demand]).map(({ tx }) => tx)).toEqual([next?.tx]);
});

it('what cannot be made, as a block spends a coin that it would have to spend again, is told of', async () => {
  const open = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [open], lift: null, lost: [] };
  const wallet = await walletOf(100_000n);
  const [first] = plan(wallet, demand, 5_000).built;
  const coin = first?.tx.inputs.at(-1)?.outPoint;
  const entry = first === undefined ? undefined : wallet.state.txs.get(txIdOf(first.tx));
  if (coin === undefined || entry === undefined) throw new Error('nothing was built');
  const time = timestamp(1_750_000_000);
  const at = { height: blockHeight(HEIGHT), blockHash: blockHash('ab'.repeat(32)), index: 1, time };
  wallet.take(noteTx(wallet.state, { tx: spending([coin], []), at }, time));
  // As no version should leave it: the one before, which gave way to it, stands again.
  wallet.state = { ...wallet.state, txs: new Map(wallet.state.txs).set(txIdOf(first!.tx), entry) };
  expect(plan(wallet, demand, 50_000)).toMatchObject({
    built: [],
    shortages: [],
    unmade: [{ claims: [open] }],
  });
});

it('what a close had wanted that is over is given up with all that it took the place of', async () => {
  const open = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [open], lift: null, lost: [] };
  const wallet = await walletOf(100_000n);
  const free = balanceOf(wallet.state).spendable;
  for (const rate of [5_000, 15_000, 45_000]) expect(plan(wallet, demand, rate).built).toHaveLength(1);
  const ended = planFor(wallet, { open: [], lift: null, lost: [] }, LOWEST, HEIGHT, { ended: [demand] });
  expect(ended.over).toHaveLength(3);
  expect(balanceOf(wallet.state).spendable).toBe(free);
});

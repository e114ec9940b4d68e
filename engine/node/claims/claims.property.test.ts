import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { outPointKey } from '../../base/ids.ts';
import { blockHash, type BlockHash, type TxId } from '../../base/ids.ts';
import {
  blockHeight,
  feeratePerKw,
  sat,
  timestamp,
  weight,
  type BlockHeight,
  type FeeratePerKw,
} from '../../base/units.ts';
import { feeAtLeast, feerateOf, FEERATE_FLOOR } from '../../bitcoin/fee.ts';
import { txIdOf, weightOf } from '../../bitcoin/tx.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import type { ClaimDemand, Lift, OpenClaim } from '../../channel/claim-demand.ts';
import { mostFeeFor } from '../../channel/claim-worth.ts';
import { freshOutPoint } from '../../testkit/fake-chain.ts';
import { needsFeeInputs, type Claim } from '../../commitment/claim.ts';
import { LIFT_WEIGHT } from '../../commitment/expected-weights.ts';
import { fakeLift, fakeOpen, fakeSigner } from '../../testkit/fake-claims.ts';
import { value, WalletWorld } from '../../testkit/wallet-world.ts';
import { isSpendable } from '../../wallet/balance.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import { loadWallet } from '../../wallet/open-wallet.ts';
import { noteTx } from '../../wallet/record-tx.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import { attemptsOf, isClaim, type Attempt } from './attempt.ts';
import { mostForLift } from './budget.ts';
import { planClaims, type ClaimPlan } from './plan.ts';
import { feerateFor } from './price.ts';

const NOW = timestamp(1_750_000_100);
const START = 200;
/** Satoshis: worth taking at every fee rate, as no more of it than half is paid. */
const DOUBTLESS = 1_000n;
/** Weight units: all the claims that are ever drawn, in one, with coins. */
const ALL_CLAIMS = 17 * 1_000;
/** Satoshis: change that is worth an output. */
const LEFT_OVER = 1_000n;
const amount = fc.bigInt({ min: 400n, max: 120_000n });
const deadline = fc.integer({ min: START - 5, max: START + 160 });
const feerates = fc
  .tuple(
    fc.integer({ min: 253, max: 4_000 }),
    fc.integer({ min: 0, max: 9_000 }),
    fc.integer({ min: 0, max: 30_000 }),
  )
  .map(([background, more, most]): Feerates => ({
    minimum: feeratePerKw(253),
    background: feeratePerKw(background),
    normal: feeratePerKw(background + more),
    urgent: feeratePerKw(background + more + most),
  }));
const claim = fc.oneof(
  fc.record({ kind: fc.constantFrom('local-delayed' as const, 'remote-main' as const), amount }),
  fc.record({
    kind: fc.constantFrom(
      'htlc-success' as const,
      'claim-htlc-success' as const,
      'main-penalty' as const,
      'htlc-penalty' as const,
    ),
    amount,
    deadline: deadline.map(blockHeight),
  }),
  fc.record({
    kind: fc.constantFrom('htlc-timeout' as const, 'claim-htlc-timeout' as const),
    amount,
    lockTime: fc.constantFrom(START - 20, START - 10),
  }),
);
const deed = fc.record({
  kind: fc.constantFrom(
    'block',
    'block',
    'block',
    'fees',
    'taken',
    'mined',
    'restart',
    'refused',
    'more',
    'lost',
    'reorged',
  ),
  pick: fc.nat(),
  claim,
  feerates,
});

type World = {
  readonly wallet: WalletWorld;
  height: BlockHeight;
  feerates: Feerates;
  demand: ClaimDemand;
  tooLow: Set<TxId>;
  /** What waited for the commitment to be in a block. */
  lift: Lift | null;
  /** Blocks have its number as their hash: those of less are not in the best chain any more. */
  fork: number;
};

// BOLT 5 §Generation of HTLC Transactions
// BOLT 5 §Failing a Channel
it('claims are all made, never pay more than they hold, always rise, never conflict, and survive a restart', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(claim, { minLength: 1, maxLength: 5 }),
      fc.array(fc.bigInt({ min: 2_000n, max: 90_000n }), { maxLength: 4 }),
      fc.array(deed, { minLength: 3, maxLength: 12 }),
      feerates,
      fc.option(
        fc.record({ fee: fc.bigInt({ min: 284n, max: 3_000n }), atRisk: amount, by: fc.option(deadline) }),
      ),
      async (claims, coins, deeds, first, child) => {
        const wallet = new WalletWorld();
        wallet.address();
        if (coins.length > 0) await wallet.fund(...coins);
        const lift =
          child === null
            ? null
            : fakeLift(child.fee, child.by === null ? null : blockHeight(child.by), child.atRisk);
        const world: World = {
          wallet,
          height: blockHeight(START),
          feerates: first,
          demand: { open: claims.map(fakeOpen), lift, lost: [] },
          tooLow: new Set(),
          lift,
          fork: 1,
        };
        plan(world);
        for (const each of deeds) {
          act(world, each);
          plan(world);
        }
        end(world);
      },
    ),
    { numRuns: 100 },
  );
});

function act(
  world: World,
  { kind, pick, claim: wish, feerates: next }: typeof deed extends fc.Arbitrary<infer T> ? T : never,
): void {
  const { wallet, demand } = world;
  const live = attemptsOf(wallet.state, [demand]);
  const some = live[pick % Math.max(1, live.length)];
  const open = demand.open[pick % Math.max(1, demand.open.length)];
  const spendOf = (target: OpenClaim, txId: TxId): void => {
    world.demand = {
      ...world.demand,
      open: world.demand.open.map((one) =>
        one === target ? { ...one, spent: { txId, at: confirmed(world) } } : one,
      ),
    };
  };
  switch (kind) {
    case 'block':
      world.height = blockHeight(world.height + 1 + (pick % 6));
      return;
    case 'fees':
      world.feerates = next;
      return;
    case 'more':
      world.demand = { ...demand, open: [...demand.open, fakeOpen(wish)] };
      return;
    case 'taken':
      if (open !== undefined && open.spent === null) spendOf(open, freshOutPoint().txId);
      return;
    case 'mined': {
      if (some === undefined) return;
      // Its commitment is in a block with it, or without it.
      if (some.purpose === 'anchor-bump') world.demand = { ...demand, lift: null };
      if (some.purpose === 'anchor-bump' && pick % 2 === 0) return;
      wallet.take(noteTx(wallet.state, { tx: some.tx, at: { ...confirmed(world), time: NOW } }, NOW));
      for (const one of demand.open)
        if (some.keys.has(outPointKey(one.claim.outPoint))) spendOf(one, some.id);
      return;
    }
    case 'lost':
      if (demand.lift === null) return;
      world.demand = { ...demand, lift: null, lost: [txIdOf(demand.lift.parent)] };
      return;
    case 'reorged':
      // The channel hears of it at once; the wallet only when servers keep nothing to themselves.
      world.fork++;
      world.demand = {
        open: demand.open.map((one) => ({ ...one, spent: null })),
        lift: world.lift,
        lost: [],
      };
      return;
    case 'refused':
      if (some !== undefined) world.tooLow.add(some.id);
      return;
    case 'restart':
      wallet.state = { ...value(loadWallet(wallet.disk, 'regtest'))!, tipHeight: wallet.state.tipHeight };
      world.tooLow.clear();
  }
}

const hashOf = (fork: number): BlockHash => blockHash(fork.toString(16).padStart(64, '0'));
const confirmed = ({ height, fork }: World) => ({ height, blockHash: hashOf(fork), index: 1 });

/** As what the chain says of each block would have it. */
function steppedBack({ wallet, fork }: World): WalletState {
  let { state } = wallet;
  for (const { tx, at, purpose } of wallet.state.txs.values())
    if (isClaim(purpose) && at !== null && at.blockHash !== hashOf(fork))
      ({ state } = noteTx(state, { tx, at: null }, NOW));
  return state;
}

/** Whatever became of its claims: when the close is over, no coin is held for any of them. */
function end(world: World): void {
  const { wallet, demand, lift } = world;
  const lost = lift === null ? [] : [txIdOf(lift.parent)];
  planned({ ...world, demand: { open: [], lift: null, lost: [] } }, [{ ...demand, lost }]);
  expect(attemptsOf(wallet.state, [])).toEqual([]);
}

function plan(world: World): void {
  const before = attemptsOf(steppedBack(world), [world.demand]);
  const made = planned(world);
  for (const { tx } of made.built) checkBuilt(world, before, tx);
  checkRest(world);
  checkPaid(world);
  // What is quoted to who hurries: each that gave way is counted once, and nothing that was never told to anybody.
  const { txs } = world.wallet.state;
  if (made.over.every((id) => txs.has(id)))
    expect(made.built.reduce((sum, { feeBefore }) => sum + feeBefore, 0n)).toBe(
      before.reduce((sum, { id, fee }) => (txs.get(id)?.replacedBy == null ? sum : sum + fee), 0n),
    );
  world.tooLow.clear();
  // All that it needs to know stands in the wallet: once more, and after a restart, there is nothing left to do.
  world.wallet.state = {
    ...value(loadWallet(world.wallet.disk, 'regtest'))!,
    tipHeight: world.wallet.state.tipHeight,
  };
  expect(planned(world)).toMatchObject({ built: [], over: [] });
}

function planned(
  { wallet, height, feerates: now, demand, tooLow, fork }: World,
  ended: readonly ClaimDemand[] = [],
): ClaimPlan<string> {
  const claimants = [{ name: 'channel', demand, signer: fakeSigner }];
  return wallet.take(
    planClaims(claimants, {
      wallet: wallet.state,
      keys: wallet.keys,
      height,
      feerates: now,
      now: NOW,
      tooLow,
      ended,
      isInBestChain: (at) => at.blockHash === hashOf(fork),
    }),
  );
}

function checkBuilt({ demand, wallet, height }: World, before: readonly Attempt[], tx: Attempt['tx']): void {
  const keys = new Set(tx.inputs.map(({ outPoint }) => outPointKey(outPoint)));
  const claims = demand.open.filter(({ claim }) => keys.has(outPointKey(claim.outPoint)));
  const lifted =
    demand.lift !== null && keys.has(outPointKey(demand.lift.anchor.outPoint)) ? demand.lift : null;
  const held = lifted?.atRisk ?? sat(claims.reduce((sum, { claim }) => sum + claim.amount, 0n));
  const { fee } = attemptsOf(wallet.state, [demand]).find(({ id }) => id === txIdOf(tx))!;
  // Not more than what it is for, and enough to be relayed; more than all whose place it takes.
  expect(fee).toBeLessThanOrEqual(mostFeeFor(held));
  const parent = lifted === null ? 0 : weightOf(lifted.parent);
  expect(fee + (lifted?.fee ?? 0n)).toBeGreaterThanOrEqual(
    feeAtLeast(FEERATE_FLOOR, weightOf({ ...tx })) + (parent > 0 ? (lifted?.fee ?? 0n) : 0n),
  );
  const rivals = before.filter((attempt) => [...attempt.keys].some((key) => keys.has(key)));
  const gone = rivals.filter(({ id }) => wallet.state.txs.get(id)?.replacedBy === txIdOf(tx));
  for (const rival of gone) expect(fee).toBeGreaterThan(rival.fee);
  // What the peer signed is as it signed it.
  for (const [i, { outPoint }] of tx.inputs.entries()) {
    const one = claims.find(({ claim }) => outPointKey(claim.outPoint) === outPointKey(outPoint));
    if (one === undefined) continue;
    expect(one.from).toBeLessThanOrEqual(height + 1);
    if (one.claim.pairedOutput === undefined) continue;
    expect(tx.outputs[i]).toEqual(one.claim.pairedOutput);
    expect(tx.lockTime).toBe(one.claim.lockTime);
  }
  for (const { claim } of claims) expect(tx.lockTime).toBeGreaterThanOrEqual(claim.lockTime);
}

/** Where a coin is left that would pay for it at the rate that it should pay, what needs coins is on its way as well. */
function checkPaid({ demand, wallet, height, feerates: now }: World): void {
  const live = attemptsOf(wallet.state, [demand]);
  const isTaken = ({ outPoint }: Claim): boolean => live.some(({ keys }) => keys.has(outPointKey(outPoint)));
  const largest = ledgerOf(wallet.state)
    .coins.filter((coin) => isSpendable(coin) && coin.at !== null)
    .reduce((most, { output: { amount } }) => (amount > most ? amount : most), 0n);
  const reaches = (rate: FeeratePerKw, units: number): boolean =>
    largest >= feeAtLeast(rate, weight(units)) + LEFT_OVER;
  const due = demand.open.filter(
    ({ claim, from, spent }) =>
      needsFeeInputs(claim) && spent === null && from !== null && from <= height + 1,
  );
  for (const { claim, deadline } of due) {
    if (claim.amount < DOUBTLESS || !reaches(feerateFor(deadline, height, now), ALL_CLAIMS)) continue;
    expect(isTaken(claim), `${claim.kind} of ${claim.amount} sat, with a coin of ${largest}`).toBe(true);
  }
  const { lift } = demand;
  if (lift === null) return;
  const wanted = lift.deadline === null ? now.background : feerateFor(lift.deadline, height, now);
  const units = weight(weightOf(lift.parent) + LIFT_WEIGHT);
  const asked = feeAtLeast(wanted, units) - lift.fee;
  const most = mostForLift(lift, now.background, false);
  const isEnough = wanted <= feerateOf(lift.fee, weightOf(lift.parent)) * 1.1;
  if (isEnough || asked > most || !reaches(wanted, units)) return;
  expect(isTaken(lift.anchor), `the child for ${asked} sat, with a coin of ${largest}`).toBe(true);
}

function checkRest({ demand, wallet, height, lift }: World): void {
  const live = attemptsOf(wallet.state, [demand]);
  // What pays for itself is on its way, what is left of a batch of which somebody took a part as well.
  for (const { claim, from, spent } of demand.open) {
    if (needsFeeInputs(claim) || claim.amount < DOUBTLESS || from === null || from > height + 1) continue;
    if (spent !== null) continue;
    const key = outPointKey(claim.outPoint);
    expect(live.filter(({ keys }) => keys.has(key)).length, `${claim.kind} of ${claim.amount} sat`).toBe(1);
  }
  // No coin and no claim stands in two of them.
  const all = live.flatMap(({ keys }) => [...keys]);
  expect(new Set(all).size).toBe(all.length);
  // No coin is held for what is over.
  const taken = new Set(
    demand.open.flatMap(({ claim, spent }) => (spent !== null ? [outPointKey(claim.outPoint)] : [])),
  );
  for (const { keys } of live) for (const key of keys) expect(taken.has(key)).toBe(false);
  const known = new Set(
    [...demand.open.map(({ claim }) => claim), ...(lift === null ? [] : [lift.anchor])].map(({ outPoint }) =>
      outPointKey(outPoint),
    ),
  );
  for (const { tx } of live)
    for (const { outPoint } of tx.inputs)
      if (!known.has(outPointKey(outPoint)))
        expect(ledgerOf(wallet.state).ownOutput(outPoint)).not.toBeNull();
}

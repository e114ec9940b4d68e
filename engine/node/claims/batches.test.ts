import { beforeAll, expect, it } from 'vitest';
import { outPointKey } from '../../base/ids.ts';
import { blockHeight, feeratePerKw, type FeeratePerKw } from '../../base/units.ts';
import { feerateOf } from '../../bitcoin/fee.ts';
import { weightOf } from '../../bitcoin/tx.ts';
import type { ClaimDemand, OpenClaim } from '../../channel/claim-demand.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { planFor } from '../../testkit/claim-plan.ts';
import { fakeOpen } from '../../testkit/fake-claims.ts';
import { value, WalletWorld } from '../../testkit/wallet-world.ts';
import { attemptsOf, type Attempt } from './attempt.ts';
import type { ClaimPlan } from './plan.ts';
import { feerateFor } from './price.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const HEIGHT = 200;
const flat = (rate: number) => ({
  minimum: feeratePerKw(253),
  background: feeratePerKw(rate),
  normal: feeratePerKw(rate),
  urgent: feeratePerKw(rate),
});

class Stage {
  readonly wallet = new WalletWorld();
  demand: ClaimDemand;
  height = HEIGHT;
  feerates = flat(253);

  constructor(open: readonly OpenClaim[]) {
    this.demand = { open, lift: null, lost: [] };
    this.wallet.address();
  }

  plan(): ClaimPlan<string> {
    return planFor(this.wallet, this.demand, this.feerates, this.height);
  }

  attemptFor({ claim }: OpenClaim): Attempt | undefined {
    return attemptsOf(this.wallet.state, [this.demand]).find(({ keys }) =>
      keys.has(outPointKey(claim.outPoint)),
    );
  }

  wanted({ deadline }: OpenClaim): FeeratePerKw {
    return feerateFor(deadline, blockHeight(this.height), this.feerates);
  }
}

const rateOf = ({ tx, fee }: Attempt): number => feerateOf(fee, weightOf(tx));
const smallOnes = (kind: 'claim-htlc-success' | 'htlc-success'): OpenClaim[] =>
  Array.from({ length: 20 }, () => fakeOpen({ kind, amount: 2_000n, deadline: blockHeight(HEIGHT + 16) }));

it.each(['claim-htlc-success', 'htlc-success'] as const)(
  'many small claims (%s) do not take from the fee of a large one, nor is more paid for them than they are worth',
  async (kind) => {
    const large = fakeOpen({ kind, amount: 120_000n, deadline: blockHeight(HEIGHT + 16) });
    const stage = new Stage([...smallOnes(kind), large]);
    await stage.wallet.fund(400_000n);
    stage.feerates = flat(20_000);
    stage.plan();
    const taken = stage.attemptFor(large);
    if (taken === undefined) throw new Error('the large one waits');
    expect(rateOf(taken)).toBeGreaterThanOrEqual(stage.wanted(large) * 0.99);
    expect(taken.keys.size).toBeLessThanOrEqual(2);
    expect(stage.plan()).toMatchObject({ built: [], over: [] });
  },
);

it.each(['claim-htlc-success', 'htlc-success'] as const)(
  'nor when they have begun together (%s), and fees rise',
  async (kind) => {
    const large = fakeOpen({ kind, amount: 120_000n, deadline: blockHeight(HEIGHT + 16) });
    const stage = new Stage([...smallOnes(kind), large]);
    await stage.wallet.fund(400_000n);
    stage.plan();
    const before = stage.attemptFor(large);
    expect(before?.keys.size).toBeGreaterThanOrEqual(21);
    stage.feerates = flat(20_000);
    stage.plan();
    const after = stage.attemptFor(large);
    if (before === undefined || after === undefined) throw new Error('the large one waits');
    expect(rateOf(after)).toBeGreaterThanOrEqual(stage.wanted(large) * 0.99);
    // BIP 125 rule 3.
    expect(after.fee).toBeGreaterThan(before.fee);
    expect(stage.plan()).toMatchObject({ built: [], over: [] });
  },
);

it.each([9_000n, 100_000n])(
  'a batch is not taken apart near its deadline where the coins do not reach for its parts (one of %i)',
  async (coin) => {
    const both = [1, 2].map(() =>
      fakeOpen({ kind: 'htlc-success', amount: 60_000n, deadline: blockHeight(HEIGHT + 30) }),
    );
    const stage = new Stage(both);
    await stage.wallet.fund(coin);
    stage.plan();
    stage.height = HEIGHT + 20;
    stage.feerates = flat(4_000);
    stage.plan();
    for (const one of both) {
      const attempt = stage.attemptFor(one);
      if (attempt === undefined) throw new Error('one is left to the peer');
      expect(rateOf(attempt)).toBeGreaterThanOrEqual(stage.wanted(one) * 0.99);
    }
    expect(stage.plan()).toMatchObject({ built: [], over: [], shortages: [] });
  },
);

it('but it is where they do, and where one of it can be had right that way', async () => {
  for (const [coins, covered] of [
    [[20_000n, 20_000n], 2],
    [[5_500n], 1],
  ] as const) {
    const both = [1, 2].map(() =>
      fakeOpen({ kind: 'htlc-success', amount: 60_000n, deadline: blockHeight(HEIGHT + 30) }),
    );
    const stage = new Stage(both);
    await stage.wallet.fund(...coins);
    stage.plan();
    stage.height = HEIGHT + 20;
    stage.feerates = flat(4_000);
    const { shortages } = stage.plan();
    const attempts = both.map((one) => stage.attemptFor(one));
    const right = attempts.filter(
      (one, i) => one !== undefined && rateOf(one) >= stage.wanted(both[i]!) * 0.99,
    );
    expect(right).toHaveLength(covered);
    expect(new Set(right.map((one) => one?.id)).size).toBe(covered);
    expect(shortages).toHaveLength(2 - covered);
  }
});

// BOLT 5 §Revoked Transaction Close Handling: "if confirmation doesn't happen before reaching `security_delay` blocks from
// expiry: SHOULD *resolve* revoked outputs in their own, separate penalty transactions."
it.each(['main-penalty', 'htlc-penalty'] as const)(
  'revoked outputs (%s) share a transaction while there is time, and stand alone from 18 blocks on',
  (kind) => {
    const deadline = blockHeight(HEIGHT + 40);
    const revoked = [50_000n, 60_000n, 70_000n].map((amount) => fakeOpen({ kind, amount, deadline }));
    const stage = new Stage(revoked);
    const [batch] = stage.plan().built;
    stage.height = deadline - 19;
    expect(stage.plan().built).toEqual([]);
    stage.height = deadline - 18;
    const { built } = stage.plan();
    expect(built.map(({ tx }) => tx.inputs.length)).toEqual([1, 1, 1]);
    expect(new Set(revoked.map((one) => stage.attemptFor(one)?.id)).size).toBe(3);
    if (batch === undefined) throw new Error('they wait');
    // The first takes the place of the batch (BIP 125 rule 3), and is alone in that: the others stand beside it.
    expect(built[0]?.fee).toBeGreaterThan(batch.fee);
    expect(built.map(({ feeBefore }) => feeBefore)).toEqual([batch.fee, 0n, 0n]);
  },
);

it('one that is worth less than the batch paid, and comes first, is taken by itself as soon as another took the place of the batch', () => {
  const first = fakeOpen({ kind: 'htlc-penalty', amount: 1_000n, deadline: blockHeight(HEIGHT + 40) });
  const second = fakeOpen({ kind: 'htlc-penalty', amount: 9_000n, deadline: blockHeight(HEIGHT + 41) });
  const stage = new Stage([first, second]);
  stage.feerates = flat(600);
  stage.plan();
  const batch = stage.attemptFor(first);
  expect(batch?.keys.size).toBe(2);
  stage.height = HEIGHT + 40 - 18;
  stage.plan();
  for (const one of [first, second]) expect(stage.attemptFor(one)?.keys.size).toBe(1);
  expect(stage.plan()).toMatchObject({ built: [], over: [] });
});

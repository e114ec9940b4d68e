import { beforeAll, expect, it } from 'vitest';
import { blockHash, outPointKey } from '../../base/ids.ts';
import { blockHeight, feeratePerKw, sat, timestamp, weight } from '../../base/units.ts';
import { feeAtLeast } from '../../bitcoin/fee.ts';
import { txIdOf, weightOf } from '../../bitcoin/tx.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { mostFeeFor } from '../../channel/claim-worth.ts';
import type { ClaimDemand, OpenClaim } from '../../channel/claim-demand.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { planFor } from '../../testkit/claim-plan.ts';
import { fakeClaim, fakeLift, fakeOpen } from '../../testkit/fake-claims.ts';
import { value, WalletWorld } from '../../testkit/wallet-world.ts';
import { noteTx } from '../../wallet/record-tx.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** What the last of the three may cost in any case: without it, it would wait for ever. */
const LEAST = 200n;
const NOW = timestamp(1_750_000_100);
const HEIGHT = 200;
const DEADLINE = blockHeight(HEIGHT + 20);
/** No fee is too high for these estimates: what is paid is what the bound allows. */
const ABSURD = feeratePerKw(200_000);
const FEERATES = { minimum: feeratePerKw(253), background: ABSURD, normal: ABSURD, urgent: ABSURD };

class Stage {
  readonly wallet = new WalletWorld();
  spent = 0n;

  plan(demand: ClaimDemand, feerates: Feerates = FEERATES, height = HEIGHT): void {
    for (const { fee } of planFor(this.wallet, demand, feerates, height).built) this.spent += fee;
  }
}

/** HTLCs of one commitment of ours, which waits for a block; and that commitment. */
async function lifted(...amounts: readonly bigint[]) {
  const stage = new Stage();
  stage.wallet.address();
  await stage.wallet.fund(900_000n, 900_000n);
  const lift = fakeLift(300n, DEADLINE, 0n);
  const parent = txIdOf(lift.parent);
  const open = amounts.map((amount, index): OpenClaim => {
    const one = fakeOpen({ kind: 'htlc-success', amount, deadline: DEADLINE, from: null });
    return { ...one, claim: { ...one.claim, outPoint: { txId: parent, index: index + 1 } } };
  });
  const atRisk = sat(amounts.reduce((sum, amount) => sum + amount, 0n));
  stage.plan({
    open,
    lift: { ...lift, atRisk, mostFee: mostFeeFor(atRisk), mostAtLeisure: mostFeeFor(atRisk) },
    lost: [],
  });
  return { stage, open, atRisk };
}

/** They can be taken, and then what took them. */
function taken(stage: Stage, open: readonly OpenClaim[]): void {
  const due = open.map((one) => ({ ...one, from: blockHeight(HEIGHT) }));
  stage.plan({ open: due, lift: null, lost: [] });
  const second = open.map(({ claim: { outPoint, amount } }): OpenClaim => {
    const first = [...stage.wallet.state.txs.values()].find(({ tx }) =>
      tx.inputs.some((input) => outPointKey(input.outPoint) === outPointKey(outPoint)),
    );
    if (first === undefined) throw new Error('an HTLC was not taken');
    const index = first.tx.inputs.findIndex((input) => outPointKey(input.outPoint) === outPointKey(outPoint));
    const claim = fakeClaim({ kind: 'htlc-delayed', amount });
    const made = { ...claim, outPoint: { txId: txIdOf(first.tx), index } };
    return { claim: made, from: blockHeight(HEIGHT), deadline: null, contested: false, spent: null };
  });
  const at = { height: blockHeight(HEIGHT), blockHash: blockHash('ab'.repeat(32)), index: 1 };
  const spent = due.map((one, i) => ({ ...one, spent: { txId: second[i]!.claim.outPoint.txId, at } }));
  for (const { txId } of spent.map((one) => one.spent)) {
    const { tx } = stage.wallet.state.txs.get(txId)!;
    stage.wallet.take(noteTx(stage.wallet.state, { tx, at: { ...at, time: NOW } }, NOW));
  }
  stage.plan({ open: [...spent, ...second], lift: null, lost: [] });
}

it('a commitment’s child, an HTLC transaction and what follows it cost no more together than the HTLC is worth', async () => {
  const { stage, open, atRisk } = await lifted(40_000n);
  // However dear it is, the child leaves something for the HTLC transaction.
  expect(stage.spent).toBeGreaterThan((atRisk * 2n) / 5n);
  expect(stage.spent).toBeLessThanOrEqual(atRisk / 2n);
  taken(stage, open);
  expect(stage.spent).toBeGreaterThan((atRisk * 9n) / 10n);
  expect(stage.spent).toBeLessThanOrEqual(atRisk + LEAST);
});

it('a child that was paid for something else takes nothing from an HTLC that has a deadline', async () => {
  const { stage, open } = await lifted(12_000n);
  const child = stage.spent;
  const [one] = open;
  if (one === undefined) throw new Error('no HTLC');
  // What the child was for as well, and what came due after it.
  const balance = fakeOpen({ kind: 'local-delayed', amount: 2_000_000n });
  stage.plan({ open: [{ ...one, from: blockHeight(HEIGHT) }, balance], lift: null, lost: [] });
  expect(child).toBeGreaterThan(5_000n);
  expect(stage.spent - child).toBeGreaterThan(5_500n);
});

it('nor do several HTLCs of one commitment', async () => {
  const { stage, open, atRisk } = await lifted(30_000n, 90_000n, 51_000n);
  taken(stage, open);
  expect(stage.spent).toBeGreaterThan((atRisk * 9n) / 10n);
  expect(stage.spent).toBeLessThanOrEqual(atRisk + 3n * LEAST);
});

it('a small HTLC with a deadline does not keep a child from paying what all the rest would have it pay', async () => {
  const stage = new Stage();
  stage.wallet.address();
  await stage.wallet.fund(900_000n);
  const lift = fakeLift(300n, DEADLINE, 400n);
  const rates = { ...FEERATES, background: feeratePerKw(2_500) };
  stage.plan({ open: [], lift: { ...lift, mostAtLeisure: mostFeeFor(sat(2_000_000)) }, lost: [] }, rates);
  const [child] = [...stage.wallet.state.txs.values()].filter(({ purpose }) => purpose === 'anchor-bump');
  // The rate for what can wait, and not the one for what cannot.
  const units = weightOf(lift.parent) + weightOf(child!.tx);
  expect(stage.spent + 300n).toBeGreaterThan(feeAtLeast(feeratePerKw(2_300), weight(units)));
  expect(stage.spent + 300n).toBeLessThan(feeAtLeast(feeratePerKw(3_200), weight(units)));
});

it('nor does it have the rest pay for its hurry', async () => {
  const stage = new Stage();
  stage.wallet.address();
  await stage.wallet.fund(900_000n);
  const lift = fakeLift(300n, DEADLINE, 40_000n);
  stage.plan({ open: [], lift: { ...lift, mostAtLeisure: sat(10_000) }, lost: [] });
  expect(stage.spent).toBeGreaterThan(18_000n);
  expect(stage.spent).toBeLessThanOrEqual(20_000n);
});

it.each([
  ['where nothing has a deadline', null, 800_000n],
  ['beside a small HTLC that has one', DEADLINE, 2_000n],
] as const)(
  'a child that waits for nobody pays no more than an eighth of what it is for, %s',
  async (_where, deadline, atRisk) => {
    const stage = new Stage();
    stage.wallet.address();
    await stage.wallet.fund(900_000n);
    const lift = { ...fakeLift(300n, deadline, atRisk), mostAtLeisure: mostFeeFor(sat(800_000)) };
    stage.plan({ open: [], lift, lost: [] });
    expect(stage.spent).toBeLessThanOrEqual(100_000n);
    expect(stage.spent).toBeGreaterThan(90_000n);
    const { built } = planFor(stage.wallet, { open: [], lift, lost: [] }, FEERATES, HEIGHT, { wish: ABSURD });
    expect(built[0]?.fee ?? 0n).toBeGreaterThan(300_000n);
  },
);

it.each([
  ['in its first two weeks, no more than an eighth', 0, 1_000n, false],
  ['after them, up to half', 2_016, 1_000n, true],
] as const)('what waits for nobody pays, %s', (_when, blocks, slack, isHalf) => {
  const stage = new Stage();
  stage.wallet.address();
  const amount = 80_000n;
  const balance = fakeOpen({ kind: 'local-delayed', amount, from: blockHeight(HEIGHT - 100) });
  stage.plan({ open: [balance], lift: null, lost: [] }, FEERATES, HEIGHT - 100 + blocks);
  const most = isHalf ? amount / 2n : amount / 8n;
  expect(stage.spent).toBeLessThanOrEqual(most);
  expect(stage.spent).toBeGreaterThan(most - slack);
});

it('nor before the commitment that holds it is in a block, where it need not wait for that', () => {
  const stage = new Stage();
  stage.wallet.address();
  const balance = fakeOpen({ kind: 'remote-main', amount: 80_000n, from: blockHeight(0) });
  stage.plan({ open: [balance], lift: null, lost: [] }, FEERATES, 900_000);
  expect(stage.spent).toBeLessThanOrEqual(10_000n);
  expect(stage.spent).toBeGreaterThan(9_000n);
});

it('who hurries a close pays up to half at once', () => {
  const stage = new Stage();
  stage.wallet.address();
  const balance = fakeOpen({ kind: 'local-delayed', amount: 80_000n, from: blockHeight(HEIGHT) });
  const { built } = planFor(stage.wallet, { open: [balance], lift: null, lost: [] }, FEERATES, HEIGHT, {
    wish: ABSURD,
  });
  expect(built[0]?.fee).toBeGreaterThan(30_000n);
});

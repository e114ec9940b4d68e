import { expect, it } from 'vitest';
import { err, ok, type Result } from '../base/result.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { StoreFailure } from '../storage/store.ts';
import { ManualClock } from '../testkit/manual-clock.ts';
import { WalletWorld } from '../testkit/wallet-world.ts';
import { blockHeight } from '../base/units.ts';
import { giveWay, noteTx } from '../wallet/record-tx.ts';
import { isOverAfterHalt, mayTell } from './may-tell.ts';

type Outcome = Result<void, StoreFailure>;

/** What is asked of a disk that answers as it is told to, and how it went. */
function asked(commit: () => Promise<Outcome>) {
  const clock = new ManualClock();
  const wallet = new WalletWorld();
  const payment = wallet.pay(1_000n);
  const own = { tx: payment, at: null, purpose: 'wallet-send' } as const;
  wallet.take(noteTx(wallet.state, own, clock.now()));
  const ask = mayTell({ wallet: wallet.state, options: { store: { commit }, clock } });
  return { clock, ask, payment: txIdOf(payment) };
}

const CLOSES: readonly TxPurpose[] = [
  'mutual-close',
  'local-commitment',
  'anchor-bump',
  'htlc-success',
  'htlc-timeout',
  'penalty',
  'claim',
];

it.each([
  ['of a writer', null, true, true],
  ['that is full', 'quota', true, false],
  ['that fails', 'unavailable', true, false],
  ['that failed another before', 'behind-failed', true, false],
  ['that cannot be read', 'corrupt', true, false],
  ['of another', 'fenced', false, false],
  ['that is gone', 'lost', false, false],
  ['that is shut', 'closed', false, false],
] as const)(
  'a disk %s: what follows from a close, and what may be taken back',
  async (_, code, closes, rest) => {
    const outcome: Outcome = code === null ? ok(undefined) : err({ code, detail: '' });
    const { ask, payment, clock } = asked(() => Promise.resolve(outcome));
    for (const purpose of CLOSES) expect(await ask(purpose, [])).toBe(closes);
    for (const purpose of ['funding', 'wallet-send'] as const) expect(await ask(purpose, [])).toBe(rest);
    // Its coins come of a payment that is told with it.
    expect(await ask('htlc-success', [payment])).toBe(rest);
    expect(clock.waiting).toBe(0);
  },
);

it('a disk that does not answer is waited for once, until it does', async () => {
  const answers: ((outcome: Outcome) => void)[] = [];
  const { ask, clock } = asked(() => new Promise((resolve) => answers.push(resolve)));
  const told = [ask('wallet-send', []), ask('penalty', [])];
  clock.advance(15_000);
  expect(await Promise.all(told)).toEqual([false, true]);
  expect(await ask('wallet-send', [])).toBe(false);
  expect(await ask('penalty', [])).toBe(true);
  for (const answer of answers.splice(0)) answer(ok(undefined));
  await Promise.resolve();
  const again = ask('wallet-send', []);
  expect(answers).toHaveLength(1);
  answers[0]?.(ok(undefined));
  expect(await again).toBe(true);
  expect(clock.waiting).toBe(0);
});

it('a disk that answers late is waited for longer from then on: what it says counts', async () => {
  const answers: ((outcome: Outcome) => void)[] = [];
  const { ask, clock } = asked(() => new Promise((resolve) => answers.push(resolve)));
  const answerAfter = async (seconds: number, outcome: Outcome): Promise<boolean> => {
    const told = ask('wallet-send', []);
    clock.advance(seconds * 1_000);
    answers.shift()?.(outcome);
    return told;
  };
  expect(await answerAfter(20, ok(undefined))).toBe(false);
  expect(await answerAfter(20, ok(undefined))).toBe(true);
  expect(await answerAfter(20, err({ code: 'fenced', detail: '' }))).toBe(false);
  // One that does not come does not keep anything for ever.
  expect(await answerAfter(600, ok(undefined))).toBe(false);
  expect(await answerAfter(61, ok(undefined))).toBe(false);
  expect(await answerAfter(2, ok(undefined))).toBe(true);
  expect(await answerAfter(16, ok(undefined))).toBe(false);
  expect(clock.waiting).toBe(0);
});

it('after a halt claims and commitments are told on, but for what the disk has as given way, and payments', () => {
  const wallet = new WalletWorld();
  const [stands, gone] = [wallet.pay(1_000n), wallet.pay(2_000n)];
  const now = new ManualClock().now();
  for (const tx of [stands, gone]) wallet.take(noteTx(wallet.state, { tx, at: null, purpose: 'claim' }, now));
  const taker = { ...gone, outputs: [] };
  const at = { height: blockHeight(111), blockHash: wallet.chain.tip.header.hash, index: 0 };
  wallet.take(giveWay(wallet.state, taker, at));
  const isOver = isOverAfterHalt(wallet.state);
  const overOf = (...txs: readonly Tx[]): boolean => isOver('claim', new Set(txs.map(txIdOf)));
  expect(overOf(stands)).toBe(false);
  expect(overOf(gone)).toBe(true);
  expect(overOf(gone, stands)).toBe(true);
  // No transaction of the wallet.
  expect(overOf(taker)).toBe(false);
  for (const purpose of CLOSES) expect(isOver(purpose, new Set([txIdOf(stands)]))).toBe(false);
  for (const purpose of ['funding', 'wallet-send'] as const)
    expect(isOver(purpose, new Set([txIdOf(stands)]))).toBe(true);
});

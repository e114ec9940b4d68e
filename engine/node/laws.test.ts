import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { installSecp256k1 } from '../crypto/secp256k1.ts';
import { scheduleRunner } from '../testkit/laws/run-schedule.ts';
import { schedule, type Schedule } from '../testkit/laws/schedule.ts';
import { toyCurve } from '../testkit/laws/toy-curve.ts';
import { wasmBackend } from '../testkit/wasm-backend.ts';

// `npm run soak` draws a hundred thousand of these; what it ever found is below, each by its short script.

describe('two nodes keep the laws, whatever happens and whenever a process dies', () => {
  beforeAll(() => installSecp256k1(toyCurve));
  afterAll(async () => installSecp256k1(await wasmBackend()));

  it('over a few hundred schedules', async () => {
    await fc.assert(fc.asyncProperty(schedule, scheduleRunner()), { numRuns: 200 });
  }, 300_000);
});

/** Each was a failure, as short as it shrank. */
const FOUND: Readonly<Record<string, Schedule>> = {
  // Its preimage on the chain is told once more, and that is no want of a restart.
  'a payment proven by a preimage on the chain that the peer had told already': {
    base: 'anchors',
    closes: 'closing_signed',
    script: [
      { tag: 'pay', who: 'bob', amount: 554_000, which: 0, kind: 'hold' },
      { tag: 'talk' },
      { tag: 'decide', who: 'alice', which: 0, claims: true },
      { tag: 'blocks', count: 1 },
      { tag: 'force', who: 'alice' },
      { tag: 'talk' },
    ],
  },
  // Nobody was there to claim it after that.
  'a held payment that comes through only once a raise of the fee rate has its reason': {
    base: 'static_remotekey',
    closes: 'closing_signed',
    script: [
      { tag: 'pay', who: 'alice', amount: 152_594, which: 0, kind: 'hold' },
      { tag: 'pay', who: 'bob', amount: 9_171_000, which: 0, kind: 'plain' },
      { tag: 'deliver', who: 'bob', count: 2, together: false },
      { tag: 'fees', who: 'alice', factor: 12 },
      { tag: 'reorg', depth: 1, count: 1, loses: false },
      { tag: 'deliver', who: 'alice', count: 2, together: false },
      { tag: 'talk' },
    ],
  },
  // Hung up on, for a fee that the other side was about to answer to.
  'a close that is asked for again while closing_signed goes back and forth': {
    base: 'anchors',
    script: [
      { tag: 'close', who: 'alice' },
      { tag: 'deliver', who: 'alice', count: 1, together: false },
      { tag: 'deliver', who: 'bob', count: 1, together: false },
      { tag: 'close', who: 'alice' },
      { tag: 'deliver', who: 'alice', count: 1, together: false },
    ],
  },
  // Hung up over on each connection, for what became dust by it.
  'an update_fee that an HTLC of the other side crossed': {
    base: 'static_remotekey',
    script: [
      { tag: 'fees', who: 'alice', factor: 50 },
      { tag: 'blocks', count: 1 },
      { tag: 'pay', who: 'bob', amount: 5_000_001, kind: 'plain', which: 0 },
    ],
  },
  // The funding output was watched as if nobody had spent it, though the close was still in a block.
  'a funding transaction that a chain going back loses before its close': {
    base: 'anchors',
    script: [
      { tag: 'close', who: 'alice' },
      { tag: 'talk' },
      { tag: 'reorg', depth: 6, count: 1, loses: false },
      { tag: 'reorg', depth: 9, count: 1, loses: false },
    ],
  },
  // Given back after the restart, for it was too late; and still said to be claimable, until the next block.
  'a held payment whose payee comes back too late': {
    base: 'anchors',
    script: [
      { tag: 'pay', who: 'alice', amount: 595_066, kind: 'hold', which: 0 },
      { tag: 'crash', who: 'bob', written: false, ahead: 4 },
      { tag: 'deliver', who: 'alice', count: 2, together: false },
      { tag: 'pay', who: 'alice', amount: 1_000_000, kind: 'hold', which: 0 },
      { tag: 'deliver', who: 'bob', count: 2, together: false },
      { tag: 'refuse', who: 'alice', commits: 1 },
      { tag: 'pass', seconds: 61 },
      { tag: 'talk' },
      { tag: 'blocks', count: 20 },
      { tag: 'pay', who: 'alice', amount: 1_000_000, kind: 'plain', which: 0 },
      { tag: 'blocks', count: 60 },
      { tag: 'blocks', count: 60 },
      { tag: 'deliver', who: 'alice', count: 1, together: false },
    ],
  },
  // Too little to take: each says that it left it, who was to be paid by it and who offered it.
  'an HTLC that is not worth its fee, in a commitment on the chain': {
    base: 'anchors',
    script: [
      { tag: 'pay', who: 'alice', amount: 354_000, kind: 'hold', which: 0 },
      { tag: 'reorg', depth: 1, count: 1, loses: false },
      { tag: 'talk' },
      { tag: 'pay', who: 'alice', amount: 1, kind: 'plain', which: 0 },
      { tag: 'force', who: 'alice' },
      { tag: 'deliver', who: 'alice', count: 1, together: false },
    ],
  },
  // Given back after the restart, for the fees that rose meanwhile; and still said to be claimable.
  'a held payment whose payee comes back to other fees': {
    base: 'static_remotekey',
    script: [
      { tag: 'pay', who: 'alice', amount: 362_496_930, kind: 'hold', which: 0 },
      { tag: 'crash', who: 'bob', written: false, ahead: 2 },
      { tag: 'talk' },
      { tag: 'fees', who: 'bob', factor: 50 },
      { tag: 'reorg', depth: 8, count: 1, loses: false },
      { tag: 'close', who: 'alice' },
      { tag: 'rise', who: 'bob' },
    ],
  },
  // The answer was saved and never sent; said to be received for ever, though the payer took it back.
  'a payee that dies as it answers, and sleeps until the payer took it back': {
    base: 'anchors',
    script: [
      { tag: 'pay', who: 'bob', amount: 33_970_001, kind: 'plain', which: 0 },
      { tag: 'crash', who: 'alice', written: true, ahead: 4 },
      { tag: 'pay', who: 'alice', amount: 1_000_000, kind: 'plain', which: 0 },
      { tag: 'talk' },
      { tag: 'blocks', count: 60 },
      { tag: 'pass', seconds: 1 },
    ],
  },
};

it.each(Object.entries(FOUND))('the laws hold: %s', (_, found) => scheduleRunner()(found));

it('the laws hold over the real curve as well', async () => {
  await fc.assert(fc.asyncProperty(schedule, scheduleRunner()), { numRuns: 8 });
}, 300_000);

import { expect, it } from 'vitest';
import { balances, channel } from '../testkit/snapshots.ts';
import { isUnderWay } from './leaving.ts';

const held = { pendingHtlcs: 1, pendingIncomingMsat: 5_000n };

it('a payment is under way while an HTLC waits in a channel, whoever pays it', () => {
  const quiet = { balances: balances({}), channels: [channel(1, 'ready', 5n, 5n)] };
  expect(isUnderWay({ balances: null, channels: null })).toBe(false);
  expect(isUnderWay(quiet)).toBe(false);
  for (const state of ['ready', 'reconnecting', 'offline', 'shutting-down'] as const)
    expect(isUnderWay({ ...quiet, channels: [channel(1, state, 5n, 5n, held)] }), state).toBe(true);
  // The page need not stay open for the hours that a chain takes.
  for (const state of ['closing', 'force-closing', 'data-loss', 'closed'] as const)
    expect(isUnderWay({ ...quiet, channels: [channel(1, state, 5n, 5n, held)] }), state).toBe(false);
});

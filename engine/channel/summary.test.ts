import { expect, it } from 'vitest';
import { TwoPeers } from '../testkit/two-peer.ts';
import { summary } from './summary.ts';

it('says where so many HTLCs went through a channel that what is kept of them takes a while to read', () => {
  const { state, durable, env } = TwoPeers.ready().alice;
  const after = (nextIncomingId: bigint, nextOutgoingId: bigint): boolean | undefined =>
    summary(
      { ...state, durable: { ...durable, ledger: { ...durable.ledger, nextIncomingId, nextOutgoingId } } },
      env.height,
    )?.isOverused;
  expect(after(0n, 0n)).toBe(false);
  expect(after(600_000n, 400_000n)).toBe(false);
  expect(after(600_000n, 400_001n)).toBe(true);
  expect(after(1_000_001n, 0n)).toBe(true);
});

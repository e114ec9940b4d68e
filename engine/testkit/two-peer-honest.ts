import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { localCommitment } from '../channel/commitments.ts';
import { commitmentParams } from '../channel/params.ts';
import { commitmentNumberOf } from '../commitment/number.ts';
import { verifyRemoteSignatures } from '../commitment/signatures.ts';
import { FIRST_INDEX, lookupSecret } from '../crypto/shachain.ts';
import type { Side } from './two-peer-side.ts';
import type { TwoPeers } from './two-peer.ts';

/** What must hold at every moment for one side whose peer does what it likes. */
export function checkHonest(side: Side): void {
  const { params, ledger, active, shachain } = side.durable;
  expect(ledger.local + ledger.remote).toBe(active[0].funding.amount * 1_000n);
  expect(isDeepStrictEqual(side.load(), side.durable)).toBe(true);
  // Our commitment can be published: the peer signed it, and it spends no more than there is.
  const mine = localCommitment(params, ledger, active[0], side.env);
  const { remoteSignature: signature, remoteHtlcSignatures: htlcSignatures } = active[0];
  expect(verifyRemoteSignatures(mine, { signature, htlcSignatures })).toBeNull();
  const paid = mine.tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
  expect(paid).toBeLessThanOrEqual(active[0].funding.amount);
  // Whatever the peer revoked can be punished.
  for (let number = 0; number < ledger.remoteNumber; number++)
    expect(lookupSecret(shachain, FIRST_INDEX - number)).not.toBeNull();
}

/** The highest commitment whose secret the peer was given. */
const revokedBy = (peers: TwoPeers, side: Side): number =>
  peers.said.filter(({ from, message }) => from === side && message.name === 'revoke_and_ack').length === 0
    ? -1
    : side.durable.ledger.localNumber - 1;

/** Nothing that was revoked goes to the chain. */
export function checkPublished(peers: TwoPeers, honest: Side): void {
  const { params, active } = honest.durable;
  const { funding } = active[0];
  for (const tx of honest.sent('local-commitment'))
    expect(commitmentNumberOf(commitmentParams(params, funding), tx)).toBeGreaterThan(
      revokedBy(peers, honest),
    );
}

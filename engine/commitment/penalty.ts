import { equalBytes, fromHex, toHex } from '../base/bytes.ts';
import { publicKey } from '../crypto/secp256k1.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { htlcKind } from './balances.ts';
import { NO_RELATIVE_LOCK, type Claim, type ClaimKey } from './claim.ts';
import type { LockedOutput } from './format.ts';
import { formatOf } from './formats.ts';
import { commitmentKeys, type CommitmentKeys } from './keys.ts';
import type { CommitmentParams } from './params.ts';
import { remoteMainClaim } from './remote-claims.ts';
import type { Htlc } from './spec.ts';

/** What must be known of an HTLC to take its output from a revoked commitment. */
export type RevokedHtlc = Pick<Htlc, 'direction' | 'id' | 'paymentHash' | 'cltvExpiry'>;

/** A commitment of the peer that it has revoked and published nevertheless. */
export type Revoked = {
  readonly params: CommitmentParams;
  readonly keys: CommitmentKeys;
  readonly key: ClaimKey;
};

/** @param perCommitmentSecret what the peer released to revoke it. */
export function revokedCommitment(params: CommitmentParams, perCommitmentSecret: Uint8Array): Revoked {
  const perCommitmentPoint = publicKey(perCommitmentSecret);
  return {
    params,
    keys: commitmentKeys(params, 'remote', perCommitmentPoint),
    key: { tag: 'revocation', perCommitmentSecret, perCommitmentPoint },
  };
}

/**
 * All that a revoked commitment holds: our own main output, the peer's, and the HTLCs. Outputs are known by their
 * scripts, so `htlcs` may hold more than this commitment had (all of the channel's life, for instance).
 */
export function revokedClaims(revoked: Revoked, tx: Tx, htlcs: readonly RevokedHtlc[]): Claim[] {
  const { params, keys } = revoked;
  const claims: Claim[] = [];
  const ours = remoteMainClaim(params, tx);
  if (ours !== null) claims.push(ours);
  claims.push(...penalties(revoked, tx, 'main-penalty'));

  const lockOf = htlcLocks(revoked);
  const txId = txIdOf(tx);
  const byScript = new Map<string, { readonly locked: LockedOutput; readonly htlc: RevokedHtlc }>();
  for (const htlc of htlcs) {
    const locked = lockOf(htlc);
    byScript.set(toHex(locked.script), { locked, htlc });
  }
  for (const [index, output] of tx.outputs.entries()) {
    const found = byScript.get(toHex(output.script));
    if (found === undefined) continue;
    claims.push({
      kind: 'htlc-penalty',
      outPoint: { txId, index },
      amount: output.amount,
      ...found.locked,
      version: tx.version,
      sequence: NO_RELATIVE_LOCK,
      lockTime: 0,
      key: revoked.key,
      before: [],
      // BOLT 3 §Offered HTLC Outputs: "<revocation_sig> <revocationpubkey>"
      after: [keys.revocation],
      htlc: { direction: found.htlc.direction, id: found.htlc.id },
    });
  }
  return claims;
}

/** By what script an output of an HTLC would be known in this commitment. */
export function revokedHtlcScripts(revoked: Revoked): (htlc: RevokedHtlc) => Uint8Array {
  const lockOf = htlcLocks(revoked);
  return (htlc) => lockOf(htlc).script;
}

function htlcLocks({ params, keys }: Revoked): (htlc: RevokedHtlc) => LockedOutput {
  const lockHtlc = formatOf(params.format).htlcOutput(keys);
  return (htlc) =>
    lockHtlc({
      kind: htlcKind('remote', htlc),
      paymentHash: fromHex(htlc.paymentHash),
      cltvExpiry: htlc.cltvExpiry,
    });
}

/**
 * The outputs of an HTLC transaction that the peer made from its revoked commitment. With anchors one transaction may
 * spend several HTLCs, and things that are not ours at all: every output with the right script is taken.
 */
export const revokedHtlcTxClaims = (revoked: Revoked, htlcTx: Tx): Claim[] =>
  penalties(revoked, htlcTx, 'htlc-delayed-penalty');

function penalties(
  { params, keys, key }: Revoked,
  tx: Tx,
  kind: 'main-penalty' | 'htlc-delayed-penalty',
): Claim[] {
  const locked = formatOf(params.format).delayedOutput(keys, params.remote.delay);
  const txId = txIdOf(tx);
  const claims: Claim[] = [];
  for (const [index, output] of tx.outputs.entries())
    if (equalBytes(output.script, locked.script))
      claims.push({
        kind,
        outPoint: { txId, index },
        amount: output.amount,
        ...locked,
        version: tx.version,
        sequence: NO_RELATIVE_LOCK,
        lockTime: 0,
        key,
        before: [],
        // BOLT 3 §to_local Output: "<revocation_sig> 1"
        after: [Uint8Array.of(1)],
      });
  return claims;
}

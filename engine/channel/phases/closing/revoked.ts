import type { Tx } from '../../../bitcoin/tx.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import type { TxId } from '../../../base/ids.ts';
import { outPointKey } from '../../../base/ids.ts';
import type { Claim } from '../../../commitment/claim.ts';
import { commitmentNumberOf } from '../../../commitment/number.ts';
import {
  revokedClaims,
  revokedCommitment,
  revokedHtlcTxClaims,
  type Revoked,
  type RevokedHtlc,
} from '../../../commitment/penalty.ts';
import { FIRST_INDEX, lookupSecret } from '../../../crypto/shachain.ts';
import { isWorthTaking } from '../../claim-worth.ts';
import { commitmentParams } from '../../params.ts';
import type { Closing, Core } from '../../state.ts';

/** The commitment of the peer that `tx` is, with the secret that revoked it; null when no such secret is known. */
export function revokedBy({ params, active: [{ funding }], shachain }: Core, tx: Tx): Revoked | null {
  const ours = commitmentParams(params, funding);
  const number = commitmentNumberOf(ours, tx);
  const secret = number === null ? null : lookupSecret(shachain, FIRST_INDEX - number);
  return secret === null ? null : revokedCommitment(ours, secret);
}

/**
 * All that a revoked commitment holds, and all that the peer's HTLC transactions took out of it.
 * BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's main output_ by spending it using the
 * revocation private key."; "MUST *resolve* the _remote node's offered HTLCs_ in one of three ways"; "MUST *resolve* the
 * _local node's offered HTLCs_ in one of three ways" by the revocation key, for as long as the peer has not taken them,
 * and then what took them.
 */
export function penaltiesOf(closing: Closing, revoked: Revoked, tx: Tx): Claim[] {
  const claims = revokedClaims(revoked, tx, knownHtlcs(closing));
  const seen = new Set<TxId>();
  const second: Claim[] = [];
  for (const { kind, outPoint } of claims) {
    const spent = closing.resolved.get(outPointKey(outPoint));
    // What is in no block anybody can make up, with as many outputs as he likes. A block later is early enough: the peer
    // waits for its delay.
    if (kind !== 'htlc-penalty' || spent === undefined || spent.at === null) continue;
    // With anchors one transaction may take several HTLCs.
    const txId = txIdOf(spent.tx);
    if (seen.has(txId)) continue;
    seen.add(txId);
    // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's HTLC-timeout transaction_ by spending
    // it using the revocation private key."; "MUST *resolve* the _remote node's HTLC-success transaction_ by spending it
    // using the revocation private key."
    second.push(...revokedHtlcTxClaims(revoked, spent.tx).filter(isWorthTaking));
  }
  return [...claims, ...second];
}

function knownHtlcs({ history, ledger }: Closing): RevokedHtlc[] {
  const live = [...ledger.outgoing.values(), ...ledger.incoming.values()];
  return [...(history ?? []), ...live.map(({ add }) => add)];
}

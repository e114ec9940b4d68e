import { equalBytes, fromHex } from '../../../base/bytes.ts';
import { outPointKey, type OutPoint } from '../../../base/ids.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import type { Commitment } from '../../../commitment/commitment.ts';
import { sha256 } from '../../../crypto/hash.ts';
import { localCommitment, remoteCommitment, unackedCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import type { HtlcResult } from '../../htlc.ts';
import type { LiveHtlc } from '../../ledger.ts';
import type { Closing, Outcome } from '../../state.ts';
import type { Work } from '../../work.ts';
import { resultOf } from '../normal/htlc-result.ts';
import { isBuried } from './buried.ts';

/** Tells the payer of each outgoing HTLC whose end the chain has decided. */
export function settleOnChain(work: Work, closing: Closing): Closing {
  const open = [...closing.ledger.outgoing.values()].filter(({ add }) => !closing.settled.has(add.id));
  if (open.length === 0) return closing;
  const commitment = publishedCommitment(closing, work.env);
  const settled = new Set(closing.settled);
  const outcomes = new Map(closing.outcomes);
  for (const htlc of open) {
    const result = decided(closing, commitment, htlc, work.env);
    if (result === null) continue;
    const { id, origin } = htlc.add;
    settled.add(id);
    if (origin === undefined) continue;
    const outcome: Outcome = { origin, result };
    outcomes.set(id, outcome);
    work.effects.push({ tag: 'settle', id, ...outcome });
  }
  return settled.size === closing.settled.size ? closing : { ...closing, settled, outcomes };
}

/** The commitment that spent the funding output, when it is one that we can make. */
function publishedCommitment(
  { params, ledger, active: [latest], spend }: Closing,
  env: Env,
): Commitment | null {
  switch (spend?.kind) {
    case 'local':
      return localCommitment(params, ledger, latest, env);
    case 'remote':
      return remoteCommitment(params, ledger, latest);
    case 'remote-next':
      return unackedCommitment(params, ledger, latest);
    default:
      return null;
  }
}

function decided(
  { spend, resolved }: Closing,
  commitment: Commitment | null,
  { add, removal }: LiveHtlc,
  env: Env,
): HtlcResult | null {
  if (removal?.tag === 'fulfill') return resultOf(removal);
  if (spend === null) return null;
  const output = commitment?.htlcs.find(({ htlc }) => htlc.direction === 'outgoing' && htlc.id === add.id);
  if (commitment === null || output === undefined) {
    // BOLT 5 §HTLC Output Handling: "for any committed HTLC that does NOT have an output in this commitment
    // transaction: […] once the commitment transaction has reached reasonable depth: MUST fail the corresponding
    // incoming HTLC"
    if (!isBuried(spend.at, env)) return null;
    return removal === null ? { tag: 'abandoned', cause: 'channel-closed' } : resultOf(removal);
  }
  const outPoint = { txId: commitment.txId, index: output.index };
  const taken = resolved.get(outPointKey(outPoint));
  if (taken === undefined) return null;
  // BOLT 5 §HTLC Output Handling: "if the commitment transaction HTLC output is spent using the payment preimage […]:
  // MUST extract the payment preimage from the transaction input witness."
  const preimage = preimageIn(taken.tx, outPoint, fromHex(add.paymentHash));
  if (preimage !== null) return { tag: 'fulfilled', preimage };
  return isBuried(taken.at, env) ? { tag: 'abandoned', cause: 'timed-out-on-chain' } : null;
}

function preimageIn(tx: Tx, spent: OutPoint, hash: Uint8Array): Uint8Array | null {
  const input = tx.inputs.find(({ outPoint }) => outPointKey(outPoint) === outPointKey(spent));
  return input?.witness.find((item) => item.length === 32 && equalBytes(sha256(item), hash)) ?? null;
}

import { equalBytes, fromHex, toHex } from '../../../base/bytes.ts';
import { outPointKey, type OutPoint, type PaymentHash } from '../../../base/ids.ts';
import { preimageIn } from '../../../bitcoin/preimage-in.ts';
import { hasWaited } from '../../../bitcoin/relative-lock.ts';
import { p2wsh } from '../../../bitcoin/script.ts';
import { txIdOf, type TxInput, type TxOutput } from '../../../bitcoin/tx.ts';
import type { Claim } from '../../../commitment/claim.ts';
import type { Commitment } from '../../../commitment/commitment.ts';
import { revokedHtlcTxClaims, type Revoked } from '../../../commitment/penalty.ts';
import { ripemd160 } from '../../../crypto/hash.ts';
import type { Effect } from '../../effect.ts';
import type { Env } from '../../env.ts';
import type { LiveHtlc } from '../../ledger.ts';
import type { Closing, FundingSpend, Resolution } from '../../state.ts';
import { isBuried } from './buried.ts';
import { publishedCommitment } from './published.ts';
import { wasPunished } from './punished.ts';
import { penaltiesOf, revokedBy } from './revoked.ts';

/**
 * HTLCs that were to pay us and whose payer has them back for good: its time was over before we could show the preimage to
 * the peer or to the chain. Told again at each step, as long as the channel keeps what spent its outputs.
 */
export function takenBack(closing: Closing, env: Env): Effect[] {
  const { spend } = closing;
  // Of most closes there is nothing to tell: then no commitment is made for it.
  if (spend === null || closing.resolved.size === 0 || closing.ledger.incoming.size === 0) return [];
  const commitment = publishedCommitment(closing, env);
  // Of a revoked commitment of ours the peer takes all: what it was of payments is in a state that is not on this disk.
  if (wasPunished(closing, env)) return [];
  if (commitment !== null) return fromKnown(closing, commitment, env);
  const answered = [...closing.ledger.incoming.values()].filter(({ removal }) => removal?.tag === 'fulfill');
  if (answered.length === 0) return [];
  const revoked = spend.kind === 'revoked' ? revokedBy(closing, spend.tx) : null;
  const isLost =
    revoked === null ? lostInUnknown(closing, spend, env) : lostInRevoked(closing, revoked, spend, env);
  return answered.filter(isLost).map(({ add }) => told(add.id, add.paymentHash));
}

const told = (id: bigint, paymentHash: PaymentHash): Effect => ({ tag: 'taken-back', id, paymentHash });

const fromKnown = (closing: Closing, commitment: Commitment, env: Env): Effect[] =>
  commitment.htlcs.flatMap(({ htlc: { direction, id, paymentHash }, index }): Effect[] => {
    if (direction === 'outgoing') return [];
    const taken = closing.resolved.get(outPointKey({ txId: commitment.txId, index }));
    // BOLT 5 §HTLC Output Handling: we take it by its preimage alone, whoever's commitment it is in.
    if (taken === undefined || !isBuried(taken.at, env)) return [];
    const isOurs =
      preimageIn(taken.tx, ({ txId }) => txId === commitment.txId, fromHex(paymentHash)) !== null;
    return isOurs ? [] : [told(id, paymentHash)];
  });

type IsLost = (htlc: LiveHtlc) => boolean;

/**
 * Of one that we cannot make, only who takes an output says what it was: BOLT 3 §Received HTLC Outputs, §Offered HTLC
 * Outputs: the script has "OP_HASH160 <RIPEMD160(payment_hash)> OP_EQUALVERIFY".
 */
function lostInUnknown({ resolved }: Closing, { tx }: FundingSpend, env: Env): IsLost {
  const txId = txIdOf(tx);
  const taken = [...resolved.values()].filter(({ at }) => isBuried(at, env));
  return ({ add }) => {
    const hash = fromHex(add.paymentHash);
    const inScript = toHex(ripemd160(hash));
    return taken.some(({ tx: spender }) =>
      spender.inputs.some(
        (input) =>
          input.outPoint.txId === txId &&
          // What takes it by time says so in its id; a preimage, and which script it is, a server may leave out or make up.
          spender.lockTime >= add.cltvExpiry &&
          isScriptOf(tx.outputs[input.outPoint.index], input.witness.at(-1) ?? NOTHING, inScript) &&
          preimageIn(spender, (one) => outPointKey(one) === outPointKey(input.outPoint), hash) === null,
      ),
    );
  };
}

const NOTHING = new Uint8Array();

const isScriptOf = (output: TxOutput | undefined, witnessScript: Uint8Array, part: string): boolean =>
  output !== undefined &&
  toHex(witnessScript).includes(part) &&
  equalBytes(output.script, p2wsh(witnessScript));

/**
 * All of a revoked commitment is ours, unless the peer's delay is over first: then its HTLC transaction is the peer's, or,
 * of an HTLC from after that commitment, the main output that holds its money.
 */
function lostInRevoked(closing: Closing, revoked: Revoked, spend: FundingSpend, env: Env): IsLost {
  const claims = penaltiesOf(closing, revoked, spend.tx);
  const { resolved } = closing;
  const taker = ({ outPoint }: Claim): Resolution | undefined => {
    const taken = resolved.get(outPointKey(outPoint));
    return taken !== undefined && isBuried(taken.at, env) ? taken : undefined;
  };
  const isGone = (claim: Claim): boolean => {
    const taken = taker(claim);
    if (taken === undefined) return false;
    if (claim.kind !== 'htlc-penalty')
      return hasWaited(taken.tx, claim.outPoint, revoked.params.remote.delay);
    // The same transaction may bring several HTLCs into as many outputs, side by side.
    const second = secondOf(revoked, claim, taken);
    return second !== undefined && isGone(second);
  };
  const main = claims.find(({ kind }) => kind === 'main-penalty');
  return ({ add }) => {
    const own = claims.find(({ htlc }) => htlc?.direction === 'incoming' && htlc.id === add.id) ?? main;
    return own !== undefined && isGone(own);
  };
}

/** BOLT 3: the peer's signature of an HTLC transaction ties the output to the index of the input. */
function secondOf(revoked: Revoked, { outPoint }: Claim, { tx }: Resolution): Claim | undefined {
  const index = tx.inputs.findIndex(spending(outPoint));
  return revokedHtlcTxClaims(revoked, tx).find((claim) => claim.outPoint.index === index);
}

const spending =
  (outPoint: OutPoint) =>
  (input: TxInput): boolean =>
    outPointKey(input.outPoint) === outPointKey(outPoint);

import { assert } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sat, weight, type FeeratePerKw, type Sat, type Weight } from '../base/units.ts';
import { dustLimitOf } from '../bitcoin/dust.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';
import { outputSize, type Tx, type TxInput, type TxOutput } from '../bitcoin/tx.ts';
import { varIntSize } from '../bitcoin/tx-writer.ts';
import { claimWeight, type Claim } from './claim.ts';

const inputOf = ({ outPoint, sequence }: Claim): TxInput => ({
  outPoint,
  sequence,
  scriptSig: new Uint8Array(),
  witness: [],
});

/** Of the signed transaction of these inputs and outputs. */
export function claimTxWeight(
  claims: readonly Claim[],
  outputs: readonly Pick<TxOutput, 'script'>[],
): Weight {
  let base = 8 + varIntSize(claims.length) + varIntSize(outputs.length);
  for (const { script } of outputs) base += outputSize(script);
  return weight(claims.reduce((sum, claim) => sum + claimWeight(claim), 4 * base + 2));
}

/** The claims are worth less than it costs to spend them. */
export type Uneconomical = { readonly code: 'uneconomical'; readonly amount: Sat; readonly fee: Sat };

/**
 * An unsigned transaction of all `claims` (at least one, none with a paired output) to one output. When some of them
 * are late it is as late as the last: do not mix what is due with what is not.
 * @param leastFee when it takes the place of others.
 */
export function buildClaimTx(
  claims: readonly Claim[],
  destination: Uint8Array,
  feerate: FeeratePerKw,
  leastFee: Sat = sat(0),
): Result<Tx, Uneconomical> {
  assert(claims.length > 0, 'nothing to claim');
  assert(
    claims.every((claim) => claim.pairedOutput === undefined),
    'HTLC transactions have their own shape',
  );
  const amount = sat(claims.reduce((sum, claim) => sum + claim.amount, 0n));
  const asked = feeAtLeast(feerate, claimTxWeight(claims, [{ script: destination }]));
  const fee = asked > leastFee ? asked : leastFee;
  if (amount < fee + dustLimitOf(destination)) return err({ code: 'uneconomical', amount, fee });
  return ok({
    version: Math.max(...claims.map((claim) => claim.version)),
    inputs: claims.map(inputOf),
    outputs: [{ amount: sat(amount - fee), script: destination }],
    lockTime: Math.max(...claims.map((claim) => claim.lockTime)),
  });
}

/**
 * The unsigned HTLC-success or HTLC-timeout transaction of a claim with a paired output. With anchors it pays no fee:
 * the wallet adds inputs and change behind before anybody signs.
 */
export function buildHtlcTx(claim: Claim): Tx {
  assert(claim.pairedOutput !== undefined, 'not an HTLC transaction');
  const { version, lockTime, pairedOutput } = claim;
  return { version, inputs: [inputOf(claim)], outputs: [pairedOutput], lockTime };
}

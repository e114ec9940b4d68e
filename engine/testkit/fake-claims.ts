import { blockHeight, sat, type BlockHeight } from '../base/units.ts';
import { LOW_R_WITNESS_LENGTH } from '../bitcoin/signature.ts';
import { p2wsh } from '../bitcoin/script.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Lift, OpenClaim } from '../channel/claim-demand.ts';
import { mostFeeFor } from '../channel/claim-worth.ts';
import { NO_RELATIVE_LOCK, unlocking, type Claim, type ClaimKind } from '../commitment/claim.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { freshOutPoint, spending } from './fake-chain.ts';

const SECOND_STAGE = p2wsh(Uint8Array.of(7));

/** Signatures of the right length, by nobody. */
export const fakeSigner: Pick<ChannelSigner, 'signClaims'> = {
  signClaims: (tx, claims) => ({
    ...tx,
    inputs: tx.inputs.map((input, i) => {
      const claim = claims[i];
      if (!claim) return input;
      return {
        ...input,
        witness: [...claim.before, new Uint8Array(LOW_R_WITNESS_LENGTH), ...unlocking(claim)],
      };
    }),
  }),
};

export type ClaimWish = {
  readonly kind: ClaimKind;
  readonly amount: bigint;
  readonly deadline?: BlockHeight | null;
  readonly lockTime?: number;
  readonly from?: BlockHeight | null;
};

/** Of an output that nobody else names. */
export function fakeClaim({ kind, amount, lockTime = 0 }: ClaimWish): Claim {
  const witnessScript = new Uint8Array(kind.includes('htlc') ? 140 : 80);
  const paired = kind === 'htlc-success' || kind === 'htlc-timeout';
  return {
    kind,
    outPoint: freshOutPoint(),
    amount: sat(amount),
    script: p2wsh(witnessScript),
    lock: { tag: 'p2wsh', witnessScript },
    version: 2,
    sequence: kind === 'anchor' ? NO_RELATIVE_LOCK : 1,
    lockTime,
    key: { tag: 'payment' },
    before: paired ? [new Uint8Array(), new Uint8Array(LOW_R_WITNESS_LENGTH)] : [],
    after: [new Uint8Array(paired ? 32 : 0)],
    ...(paired ? { pairedOutput: { amount: sat(amount), script: SECOND_STAGE } } : {}),
  };
}

export const fakeOpen = (wish: ClaimWish): OpenClaim => ({
  claim: fakeClaim(wish),
  from: wish.from === undefined ? blockHeight(1) : wish.from,
  deadline: wish.deadline ?? null,
  contested: wish.kind.endsWith('timeout') || wish.kind === 'htlc-penalty',
  spent: null,
});

/** A commitment of 1,124 weight units or so that pays `fee`, and our anchor in it. */
export function fakeLift(fee: bigint, deadline: BlockHeight | null, atRisk: bigint): Lift {
  const outputs = Array.from({ length: 4 }, (_, i) => ({
    amount: sat(1_000),
    script: p2wsh(Uint8Array.of(i)),
  }));
  const unsigned = spending([freshOutPoint()], outputs);
  const parent: Tx = {
    ...unsigned,
    inputs: unsigned.inputs.map((input) => ({ ...input, witness: [new Uint8Array(222)] })),
  };
  const anchor = fakeClaim({ kind: 'anchor', amount: 330n });
  return {
    owner: 'local',
    parent,
    fee: sat(fee),
    anchor: { ...anchor, outPoint: { txId: txIdOf(parent), index: 0 } },
    deadline,
    atRisk: sat(atRisk),
    mostFee: mostFeeFor(sat(atRisk)),
    mostAtLeisure: mostFeeFor(sat(atRisk)),
  };
}

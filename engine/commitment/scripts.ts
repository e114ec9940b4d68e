import { compareBytes, concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import type { BlockDelta } from '../base/units.ts';
import { OP, p2wsh, pushNumber, script, smallNumber } from '../bitcoin/script.ts';
import { hash160, ripemd160 } from '../crypto/hash.ts';
import type { HtlcTerms, LockedOutput } from './format.ts';
import type { CommitmentKeys } from './keys.ts';

export const wshOutput = (witnessScript: Uint8Array): LockedOutput => ({
  script: p2wsh(witnessScript),
  lock: { tag: 'p2wsh', witnessScript },
});

/**
 * BOLT 3 §Funding Transaction Output: "2 <pubkey1> <pubkey2> 2 OP_CHECKMULTISIG … pubkey1 is the lexicographically
 * lesser of the two"
 */
export function fundingScript(a: Point, b: Point): Uint8Array {
  const [first, second] = compareBytes(a, b) < 0 ? [a, b] : [b, a];
  return script(smallNumber(2), first, second, smallNumber(2), OP.CHECKMULTISIG);
}

/** BOLT 3 §to_local Output, and the output of HTLC transactions. */
export const delayedScript = (revocation: Point, delay: BlockDelta, delayed: Point): Uint8Array =>
  concatBytes(
    script(OP.IF, revocation, OP.ELSE),
    pushNumber(delay),
    script(OP.CHECKSEQUENCEVERIFY, OP.DROP, delayed, OP.ENDIF, OP.CHECKSIG),
  );

/** BOLT 3 §to_remote Output, option_anchors. */
export const delayedByOneScript = (key: Point): Uint8Array =>
  script(key, OP.CHECKSIGVERIFY, smallNumber(1), OP.CHECKSEQUENCEVERIFY);

/** BOLT 3 §to_local_anchor and to_remote_anchor Output. */
export const anchorScript = (fundingKey: Point): Uint8Array =>
  script(fundingKey, OP.CHECKSIG, OP.IFDUP, OP.NOTIF, smallNumber(16), OP.CHECKSEQUENCEVERIFY, OP.ENDIF);

const NO_DELAY = new Uint8Array();
const ONE_BLOCK = script(smallNumber(1), OP.CHECKSEQUENCEVERIFY, OP.DROP);

/** BOLT 3 §Offered HTLC Outputs and §Received HTLC Outputs, with the one block's delay of option_anchors or without. */
export function htlcScripts(keys: CommitmentKeys, delayed: boolean): (htlc: HtlcTerms) => Uint8Array {
  const head = script(
    OP.DUP,
    OP.HASH160,
    hash160(keys.revocation),
    OP.EQUAL,
    OP.IF,
    OP.CHECKSIG,
    OP.ELSE,
    keys.otherHtlc,
    OP.SWAP,
    OP.SIZE,
    Uint8Array.of(32),
    OP.EQUAL,
  );
  const delay = delayed ? ONE_BLOCK : NO_DELAY;
  const multisig = script(smallNumber(2), OP.SWAP, keys.ownerHtlc, smallNumber(2), OP.CHECKMULTISIG);
  const offeredHead = concatBytes(head, script(OP.NOTIF, OP.DROP), multisig, script(OP.ELSE, OP.HASH160));
  const offeredTail = concatBytes(
    script(OP.EQUALVERIFY, OP.CHECKSIG, OP.ENDIF),
    delay,
    Uint8Array.of(OP.ENDIF),
  );
  const receivedHead = concatBytes(head, script(OP.IF, OP.HASH160));
  const receivedMiddle = concatBytes(script(OP.EQUALVERIFY), multisig, script(OP.ELSE, OP.DROP));
  const receivedTail = concatBytes(
    script(OP.CHECKLOCKTIMEVERIFY, OP.DROP, OP.CHECKSIG, OP.ENDIF),
    delay,
    Uint8Array.of(OP.ENDIF),
  );
  const push20 = Uint8Array.of(20);

  return ({ kind, paymentHash, cltvExpiry }) => {
    const hash = ripemd160(paymentHash);
    return kind === 'offered'
      ? concatBytes(offeredHead, push20, hash, offeredTail)
      : concatBytes(receivedHead, push20, hash, receivedMiddle, pushNumber(cltvExpiry), receivedTail);
  };
}

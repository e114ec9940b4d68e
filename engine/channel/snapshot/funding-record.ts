import { point, signature } from '../../codec/bytes.ts';
import { option } from '../../codec/choices.ts';
import { outPoint, txId } from '../../codec/ids.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { msatVar, satVar } from '../../codec/units.ts';
import { confirmation, txField } from './chain-fields.ts';

/** `<id>/funding/<n>`, newest first: written when the funding transaction is made, and when it confirms. */
export const fundingRecord = record(
  1,
  {
    funding: struct({ outPoint, amount: satVar, keyIndex: varInt, localKey: point, remoteKey: point }),
    fundingTx: option(txField),
    confirmed: option(confirmation),
  },
  // `rival`, even: who does not know it would take payments over a channel that is not there.
  tlvs({ pushed: tlv(1, msatVar), rival: tlv(2, struct({ txId, at: option(confirmation) })) }),
);

/** `<id>/signatures/<n>`: the peer's, of our latest commitment. */
export const signaturesRecord = record(1, {
  remoteSignature: signature,
  remoteHtlcSignatures: list(signature),
});

import { FIRST_INDEX, lookupSecret } from '../../../crypto/shachain.ts';
import { assert } from '../../../base/assert.ts';
import type { ChannelReestablish } from '../../../wire/commitment.ts';
import type { Env } from '../../env.ts';
import type { Core } from '../../state.ts';

/** Our channel_reestablish. */
export function reestablish({ params, ledger, shachain }: Core, { signer }: Env): ChannelReestablish {
  const { localNumber, remoteNumber } = ledger;
  // BOLT 2 §Message Retransmission: "if `next_revocation_number` equals 0: MUST set `your_last_per_commitment_secret`
  // to all zeroes; otherwise: MUST set `your_last_per_commitment_secret` to the last `per_commitment_secret` it
  // received"
  const lastSecret =
    remoteNumber === 0 ? new Uint8Array(32) : lookupSecret(shachain, FIRST_INDEX - (remoteNumber - 1));
  assert(lastSecret !== null, 'a revoked commitment without its secret');
  // BOLT 2 §Message Retransmission: "if it has sent `commitment_signed` for an interactive transaction construction but it
  // has not received `tx_signatures`: […] otherwise: MUST NOT include the `next_funding` TLV."
  return {
    name: 'channel_reestablish',
    channelId: params.channelId,
    // BOLT 2 §Message Retransmission: "MUST set `next_commitment_number` to the commitment number of the next
    // `commitment_signed` it expects to receive."
    nextCommitmentNumber: BigInt(localNumber + 1),
    // BOLT 2 §Message Retransmission: "MUST set `next_revocation_number` to the commitment number of the next
    // `revoke_and_ack` message it expects to receive."
    nextRevocationNumber: BigInt(remoteNumber),
    yourLastPerCommitmentSecret: lastSecret,
    // BOLT 2 §Message Retransmission: "MUST set `my_current_per_commitment_point` to a valid point."
    myCurrentPerCommitmentPoint: signer.point(localNumber),
  };
}

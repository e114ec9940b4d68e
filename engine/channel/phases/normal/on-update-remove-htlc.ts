import { unreachable } from '../../../base/assert.ts';
import { equalBytes, fromHex } from '../../../base/bytes.ts';
import { sha256 } from '../../../crypto/hash.ts';
import type {
  UpdateFailHtlc,
  UpdateFailMalformedHtlc,
  UpdateFulfillHtlc,
} from '../../../wire/htlc-update.ts';
import type { Removal } from '../../ledger.ts';
import type { Ready } from '../../session.ts';
import type { Normal, ShuttingDown } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { attribution } from './htlc-result.ts';
import { BADONION } from './remove-htlc.ts';

/** The peer takes out an HTLC of ours. Counts from its signature on, but a preimage is known at once. */
export function onUpdateRemoveHtlc(
  work: Work,
  channel: Normal | ShuttingDown,
  session: Ready,
  message: UpdateFulfillHtlc | UpdateFailHtlc | UpdateFailMalformedHtlc,
): void {
  const { proposals } = session;
  const htlc = channel.ledger.outgoing.get(message.id);
  if (htlc === undefined || htlc.step !== 4 || proposals.removals.has(message.id)) {
    breach(
      work,
      'disconnect',
      `BOLT 2 §update_fulfill_htlc: "if the \`id\` does not correspond to an HTLC in its current commitment transaction: MUST send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      `no committed HTLC ${message.id} to remove`,
    );
    return;
  }
  const removal = removalOf(message);
  if (removal.tag === 'malformed' && (removal.failureCode & BADONION) === 0) {
    breach(
      work,
      'disconnect',
      'BOLT 2 §update_fail_malformed_htlc: "if the `BADONION` bit in `failure_code` is not set for `update_fail_malformed_htlc`: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      `failure_code ${removal.failureCode} without BADONION`,
    );
    return;
  }
  if (message.name === 'update_fulfill_htlc') {
    const { preimage } = message;
    if (!equalBytes(sha256(preimage), fromHex(htlc.add.paymentHash))) {
      breach(
        work,
        'disconnect',
        'BOLT 2 §update_fulfill_htlc: "if the `payment_preimage` value in `update_fulfill_htlc` doesn\'t SHA256 hash to the corresponding HTLC `payment_hash`: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
        `wrong preimage for HTLC ${message.id}`,
      );
      return;
    }
    const { origin, id } = htlc.add;
    if (origin !== undefined)
      work.effects.push({
        tag: 'settle',
        id,
        origin,
        result: { tag: 'fulfilled', preimage, ...attribution(message) },
      });
  }
  work.session = {
    ...session,
    proposals: { ...proposals, removals: new Map(proposals.removals).set(message.id, removal) },
  };
}

function removalOf(message: UpdateFulfillHtlc | UpdateFailHtlc | UpdateFailMalformedHtlc): Removal {
  switch (message.name) {
    case 'update_fulfill_htlc':
      // Who held it for how long is told with the preimage, and no matter of the channel's.
      return { tag: 'fulfill', preimage: message.preimage };
    case 'update_fail_htlc':
      return { tag: 'fail', reason: message.reason, ...attribution(message) };
    case 'update_fail_malformed_htlc':
      return { tag: 'malformed', onionHash: message.onionHash, failureCode: message.failureCode };
    default:
      return unreachable(message);
  }
}

import { unreachable } from '../../../base/assert.ts';
import { equalBytes, fromHex } from '../../../base/bytes.ts';
import type { ChannelId, CommandId } from '../../../base/ids.ts';
import { sha256 } from '../../../crypto/hash.ts';
import type {
  UpdateFailHtlc,
  UpdateFailMalformedHtlc,
  UpdateFulfillHtlc,
} from '../../../wire/htlc-update.ts';
import type { ChannelCommand } from '../../command.ts';
import type { LiveHtlc, Removal } from '../../ledger.ts';
import { withRemovals } from '../../ledger/advance.ts';
import type { Work } from '../../work.ts';
import { progress } from '../closing/progress.ts';
import { attribution } from './htlc-result.ts';

type RemoveHtlc = ChannelCommand & {
  readonly tag: 'fulfill-htlc' | 'fail-htlc' | 'fail-malformed-htlc';
};

/**
 * The commands that answer an `offer`. They are taken in every phase and without a connection: said to the peer when
 * that is possible, and on the chain where it is not.
 */
export function removeHtlc(work: Work, id: CommandId, command: RemoveHtlc): void {
  const { durable } = work;
  const htlc = durable?.ledger.incoming.get(command.id);
  // BOLT 2 §update_fulfill_htlc: "until the corresponding HTLC is irrevocably committed in both sides' commitment
  // transactions: MUST NOT send an `update_fulfill_htlc`, `update_fail_htlc`, or `update_fail_malformed_htlc`."
  if (!durable || htlc === undefined || htlc.step < 4) {
    work.refuse(id, { code: 'unknown-htlc', id: command.id });
    return;
  }
  const removal = removalOf(command);
  if (removal.tag === 'fulfill' && !equalBytes(sha256(removal.preimage), fromHex(htlc.add.paymentHash))) {
    work.refuse(id, { code: 'wrong-preimage' });
    return;
  }
  work.succeed(id);
  const onChain = durable.phase === 'closing' || durable.phase === 'data-loss' || durable.phase === 'closed';
  if (!replaces(htlc, removal, onChain)) return;
  const incoming = onChain
    ? new Map(durable.ledger.incoming).set(command.id, { ...htlc, removal })
    : withRemovals(durable.ledger.incoming, new Map([[command.id, removal]]));
  work.durable = { ...durable, ledger: { ...durable.ledger, incoming } };
  if (work.durable.phase === 'closing') progress(work, work.durable);
  else if (work.session.link === 'ready') work.send(removalMessage(durable.params, command.id, removal));
}

/** The first answer stands, but that on the chain a preimage is worth more than a refusal. */
const replaces = (htlc: LiveHtlc, removal: Removal, onChain: boolean): boolean =>
  htlc.removal === null || (onChain && removal.tag === 'fulfill' && htlc.removal.tag !== 'fulfill');

function removalOf(command: RemoveHtlc): Removal {
  switch (command.tag) {
    case 'fulfill-htlc':
      return { tag: 'fulfill', preimage: command.preimage, ...attribution(command) };
    case 'fail-htlc':
      return { tag: 'fail', reason: command.reason, ...attribution(command) };
    case 'fail-malformed-htlc':
      return { tag: 'malformed', onionHash: command.onionHash, failureCode: command.failureCode | BADONION };
    default:
      return unreachable(command);
  }
}

/** BOLT 4 §Failure Messages. */
export const BADONION = 0x8000;

export function removalMessage(
  { channelId }: { readonly channelId: ChannelId },
  id: bigint,
  removal: Removal,
): UpdateFulfillHtlc | UpdateFailHtlc | UpdateFailMalformedHtlc {
  switch (removal.tag) {
    case 'fulfill':
      return {
        name: 'update_fulfill_htlc',
        channelId,
        id,
        preimage: removal.preimage,
        ...attribution(removal),
      };
    case 'fail':
      return { name: 'update_fail_htlc', channelId, id, reason: removal.reason, ...attribution(removal) };
    case 'malformed':
      return {
        name: 'update_fail_malformed_htlc',
        channelId,
        id,
        onionHash: removal.onionHash,
        failureCode: removal.failureCode,
      };
    default:
      return unreachable(removal);
  }
}

import type { UpdateMessage } from '../../message.ts';
import type { Ready } from '../../session.ts';
import type { Live } from '../../state.ts';

/** More is not waited for: who comes back says again what its last commitment_signed was about. */
const MAX_EARLY = 16;

/**
 * Whether this is kept until the peer's channel_ready. Electrum says that only after the updates and the
 * commitment_signed that it says again (reestablish_channel in electrum/lnpeer.py): hung up on at the first of them, it
 * would never come to it. Nothing is done about them before, so that nothing is lost when it never comes.
 */
export function isEarly(channel: Live, { early }: Ready, message: UpdateMessage): boolean {
  if (channel.phase !== 'funding-pending' || channel.readyReceived || !channel.readySent) return false;
  if (early.length >= MAX_EARLY || early.at(-1)?.name === 'commitment_signed') return false;
  switch (message.name) {
    case 'update_add_htlc':
    case 'update_fee':
    case 'commitment_signed':
      return true;
    default:
      // There is nothing of ours yet that it could answer.
      return false;
  }
}

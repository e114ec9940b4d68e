import { patienceOf } from '../session.ts';
import { isLive } from '../state.ts';
import type { Work } from '../work.ts';
import { forgetUnsigned } from './forget-unsigned.ts';
import { abandonOpening } from './opening/abandon.ts';

/** The connection is gone, and with it all that was said and not signed. */
export function dropConnection(work: Work): void {
  const { session, durable } = work;
  // BOLT 2 §open_channel: "The receiving node MUST: if the connection has been re-established after receiving a
  // previous `open_channel`, BUT before receiving a `funding_created` message: accept a new `open_channel` message.
  // discard the previous `open_channel` message."
  if (session.link === 'opening') abandonOpening(work, { code: 'peer-not-connected' });
  // BOLT 2 §Message Retransmission: "MUST reverse any uncommitted updates sent by the other side (i.e. all messages
  // beginning with `update_` for which no `commitment_signed` has been received)."
  work.session = { link: 'offline', ...patienceOf(session) };
  if (durable !== null && isLive(durable)) work.durable = forgetUnsigned(work, durable);
}

import { equalBytes } from '../../../base/bytes.ts';
import type { Shutdown } from '../../../wire/channel-close.ts';
import { negotiated } from '../../../wire/features.ts';
import type { Ready } from '../../session.ts';
import { coreOf, type Live } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { isBound, isClosable } from '../opening/terms.ts';
import { talkOf, withTalk, type Talking } from './talk.ts';

/** The peer wants to close. */
export function onShutdown(work: Work, channel: Live | Talking, session: Ready, message: Shutdown): void {
  const { env } = work;
  const { script } = message;
  const { remoteFeatures } = session;
  if (
    negotiated(env.features, remoteFeatures, 'option_upfront_shutdown_script') &&
    !isBound(channel.params.remote, script)
  ) {
    breach(
      work,
      'disconnect',
      'BOLT 2 §shutdown: "if […] that `shutdown_scriptpubkey` is not equal to `scriptpubkey`: MAY send a `warning`. MUST fail the connection."',
      'another script than was committed to at opening',
    );
    return;
  }
  if (!isClosable(script, env, remoteFeatures)) {
    breach(
      work,
      'warn',
      'BOLT 2 §shutdown: "if the `scriptpubkey` is not in one of the above forms: SHOULD send a `warning`."',
      'scriptpubkey has none of the allowed forms',
    );
    return;
  }
  if (session.proposals.adds.length > 0) {
    breach(
      work,
      'disconnect',
      'BOLT 2 §shutdown: "if there are updates pending on the receiving node\'s commitment transaction: MUST NOT send a `shutdown`."',
      'shutdown after an update_add_htlc that was not signed',
    );
    return;
  }
  work.session = { ...session, shutdownSeen: true };
  switch (channel.phase) {
    case 'funding-pending':
    case 'normal':
      // BOLT 2 §shutdown: "once there are no outstanding updates on the peer, UNLESS it has already sent a `shutdown`:
      // MUST reply to a `shutdown` message with a `shutdown`". The follow-up does.
      work.durable = {
        ...coreOf(channel),
        phase: 'shutting-down',
        localScript:
          channel.params.local.shutdownScript.length > 0
            ? channel.params.local.shutdownScript
            : env.closingScript,
        shutdownSent: false,
        remoteScript: script,
        closeFeerate: env.feerates.normal,
        isAsked: true,
      };
      return;
    case 'shutting-down':
      work.durable = { ...channel, remoteScript: script };
      return;
    case 'negotiating':
    case 'closing':
      // Said again after a reconnection.
      if (!equalBytes(talkOf(channel).remoteScript, script))
        work.durable = withTalk(channel, { remoteScript: script });
  }
}

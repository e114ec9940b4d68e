import type { CommandId } from '../../../base/ids.ts';
import type { ChannelCommand } from '../../command.ts';
import { coreOf, liveMarks } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { isBound, isClosable } from '../opening/terms.ts';
import { closeAgain } from './close-again.ts';
import { isClosableByBoth } from './talk.ts';

type Close = ChannelCommand & { readonly tag: 'close' };

/** The command `close`: no further HTLC, and a mutual close once the last one is gone. */
export function close(work: Work, id: CommandId, command: Close): void {
  const { durable, session, env } = work;
  // Asked again: the fee may have changed, the script may not.
  // BOLT 2 §shutdown: "MUST NOT send multiple `shutdown` messages."
  if (durable?.phase === 'shutting-down') {
    work.durable = { ...durable, closeFeerate: command.feerate, isAsked: false };
    work.succeed(id);
    return;
  }
  if (isClosableByBoth(durable)) return closeAgain(work, id, durable, command.feerate);
  if (durable?.phase !== 'normal' && durable?.phase !== 'funding-pending') {
    // BOLT 2 §shutdown: "if it hasn't sent a `funding_created` (if it is a funder) or a `funding_signed` (if it is a
    // fundee): MUST NOT send a `shutdown`"
    const closing = durable !== null && durable.phase !== 'data-loss';
    work.refuse(
      id,
      closing ? { code: 'already-closing' } : { code: 'channel-not-ready', status: statusOf(work) },
    );
    return;
  }
  // BOLT 2 §shutdown: "MUST set `scriptpubkey` in one of the following forms: […] `OP_0` `20` 20-bytes […] `OP_0` `32`
  // 32-bytes […] if (and only if) `option_shutdown_anysegwit` is negotiated: `OP_1` through `OP_16` inclusive"
  // Not known while offline: what has the forms of segwit version 0 is good for every peer.
  const remoteFeatures = 'remoteFeatures' in session ? session.remoteFeatures : new Uint8Array();
  if (!isClosable(command.script, env, remoteFeatures)) {
    work.refuse(id, {
      code: 'invalid-argument',
      field: 'script',
      detail: 'a form that the peer need not accept',
    });
    return;
  }
  // BOLT 2 §shutdown: "if it sent a non-zero-length `shutdown_scriptpubkey` in `open_channel` or `accept_channel`: MUST
  // send the same value in `scriptpubkey`."
  if (!isBound(durable.params.local, command.script)) {
    work.refuse(id, {
      code: 'invalid-argument',
      field: 'script',
      detail: 'another was committed to at opening',
    });
    return;
  }
  work.durable = {
    ...coreOf(durable),
    ...liveMarks(durable),
    phase: 'shutting-down',
    localScript: command.script,
    shutdownSent: false,
    remoteScript: null,
    closeFeerate: command.feerate,
    isAsked: false,
  };
  work.succeed(id);
}

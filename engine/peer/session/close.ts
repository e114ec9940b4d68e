import { channelId } from '../../base/ids.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import type { Violation } from '../../channel/violation.ts';
import type { CloseReason } from '../close-reason.ts';
import { step, type SessionStep } from './state.ts';

/** BOLT 1 §The error and warning Messages: "if it is 0 (i.e. all bytes are 0), it refers to all channels." */
const NO_CHANNEL = channelId('00'.repeat(32));

export const close = (reason: CloseReason): SessionStep =>
  step({ phase: 'closed', reason }, { tag: 'close', reason });

/** Tells the peer why, in a warning: an error would make it close its channels. */
export function refuse(code: 'incompatible' | 'violation', rule: string, detail: string): SessionStep {
  const violation: Violation = { severity: 'disconnect', rule, detail };
  const reason = { code, violation };
  return step(
    { phase: 'closed', reason },
    { tag: 'send', message: { name: 'warning', channelId: NO_CHANNEL, data: encodeUtf8(detail) } },
    { tag: 'close', reason },
  );
}

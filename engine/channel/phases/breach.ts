import { encodeUtf8 } from '../../base/utf8.ts';
import type { Severity, Violation } from '../violation.ts';
import type { Work } from '../work.ts';
import { failChannel } from './closing/fail.ts';
import { dropConnection } from './drop-connection.ts';
import { channelNameOf } from './channel-id.ts';

/** The peer broke `rule` of the spec. */
export function breach(work: Work, severity: Severity, rule: string, detail: string): void {
  const violation: Violation = { severity, rule, detail };
  work.notify({ tag: 'violation', violation });
  if (severity === 'fail') {
    failChannel(work, detail);
    return;
  }
  work.send({ name: 'warning', channelId: channelNameOf(work), data: encodeUtf8(detail) });
  if (severity === 'disconnect') {
    work.effects.push({ tag: 'disconnect', reason: violation });
    dropConnection(work);
  }
}

import type { PaymentPart } from '../../../engine/node/api.ts';

/** By BOLT 4 failure code: what the node that said no had against it. */
const reasons: Readonly<Record<number, string>> = {
  0x1007: 'It had too little on its side of the next channel.',
  0x4008: 'Its next channel is gone.',
  0x400a: 'The next node was not there.',
  0x100b: 'It passes on larger amounts only.',
  0x100c: 'It asks for a higher fee by now.',
  0x100d: 'It asks for more time by now.',
  0x1014: 'It does not use its next channel for now.',
};
/** The bit that says that the node itself is in trouble. */
const NODE = 0x2000;

/** Where a part stopped, in words. */
function stopped({ stoppedAt, hops, failure }: PaymentPart): string {
  if (stoppedAt === null)
    return 'It came back without a readable reason, so nobody can tell where it stopped.';
  if (stoppedAt < 0) return 'It never left you: your channel could not take it.';
  if (stoppedAt === hops.length - 1) return 'The receiver sent it back.';
  const code = failure?.bolt4Code ?? 0;
  if ((code & NODE) !== 0) return 'This node had trouble of its own.';
  return reasons[code] ?? 'This node could not pass it on.';
}

export const ways = {
  took: 'The way it took',
  takes: 'The way it takes',
  stoppedTitle: 'Where it stopped',
  part: (number: number, of: number): string => `Part ${number} of ${of}`,
  try: (number: number): string => `Try ${number}`,
  fee: 'fee',
  you: 'You',
  receiver: 'Receiver',
  keeps: 'keeps',
  stoppedHere: 'Stopped here',
  stopped,
  notReached: 'Not reached',
  channel: 'Channel',
  waitsFor: (peer: string): string =>
    `${peer} is offline, and this payment waits for it. If it stays away, closing the channel ends the payment.`,
  waitsChannel: (peer: string): string => `See the channel with ${peer}`,
  tries: (count: number): string =>
    count === 1 ? 'One try that came to nothing' : `${count} tries that came to nothing`,
  loading: 'Looking up the way',
} as const;

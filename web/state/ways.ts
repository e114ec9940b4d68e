import type { ChannelDetails, PaymentDetails, PaymentPart } from '../../engine/node/api.ts';

/** What is drawn at once, and what folds away. */
export type Ways = { readonly main: readonly PaymentPart[]; readonly tries: readonly PaymentPart[] };

/**
 * The parts that paid, or are on their way to; of a payment that failed, the try that its failure is told of. The others
 * came to nothing.
 */
export function waysOf({ state, failure }: PaymentDetails, parts: readonly PaymentPart[]): Ways {
  const failed = parts.filter((part) => part.state === 'failed');
  if (state !== 'failed') return { main: parts.filter((part) => part.state !== 'failed'), tries: failed };
  const told = failed.findLast((part) => part.failure?.code === failure?.code) ?? failed.at(-1);
  return told === undefined
    ? { main: [], tries: [] }
    : { main: [told], tries: failed.filter((part) => part !== told) };
}

/** Channels whose peer is away with a part of it. One that is too small for an output has no other end than the channel's. */
export const waitsFor = (
  parts: readonly PaymentPart[],
  channels: readonly ChannelDetails[],
): readonly ChannelDetails[] =>
  channels.filter(
    ({ channelId, state }) =>
      state === 'offline' && parts.some((part) => part.state === 'in-flight' && part.channelId === channelId),
  );

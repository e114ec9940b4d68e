import { PAYMENT_PAYLOADS_LENGTH, shiftSize } from './sphinx.ts';

/** BOLT 4 §Packet Structure: all layers of a payment share 1,300 bytes, whoever they are for. */
export const LAYERS_ROOM = PAYMENT_PAYLOADS_LENGTH;

/** The layers of those who take what they need from their own invoice or path, not from the way: the last of a way. */
export type LastLayers = {
  /** Bytes of those before the last: the other nodes of a blinded path, the introduction node first. */
  readonly before: number;
  /** The payload of the last, without the bytes of its amount. */
  readonly payload: number;
};

/** A payee that asks for a payment secret and nothing more, of the largest amount: see `PaymentPayload`. */
export const PLAIN_PAYEE: LastLayers = { before: 0, payload: 2 + 5 + 2 + 32 + 8 };

// BOLT 1 §Fundamental Types: "tu64: a 0 to 8 byte unsigned integer", with no zeros in front.
export function bytesOf(amount: number): number {
  let bytes = 0;
  for (let most = 1; most <= amount; most *= 256) bytes++;
  return bytes;
}

/**
 * What a node takes that passes `amount` on over a channel: the amount, an expiry, a short channel id. An expiry has
 * three bytes from block 65,536 to 16,777,215; on a younger chain it has one less, which is left unused.
 */
export const relayLayer = (amount: number): number => shiftSize(2 + bytesOf(amount) + 5 + 10);

/** What those take at whose end `amount` arrives. */
export const lastLayers = ({ before, payload }: LastLayers, amount: number): number =>
  before + shiftSize(payload + bytesOf(amount));

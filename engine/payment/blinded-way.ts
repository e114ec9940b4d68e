import { toHex } from '../base/bytes.ts';
import { nodeId, type NodeId } from '../base/ids.ts';
import type { Scid } from '../base/units.ts';
import type { BlindedTail } from '../onion/blinded-tail.ts';
import type { Hint } from '../routing/route.ts';
import type { Recipient } from './outgoing.ts';
import type { RouteHop } from './route.ts';

/** No real channel: blocks come for another 160 years before one has this bit in its short channel id. */
const MADE_UP = 1n << 63n;

/** The name of a blinded tail among channels: the same for the same tail, of no other. */
const scidOfTail = ({ path }: BlindedTail): Scid =>
  (MADE_UP | (BigInt(`0x${toHex(path.firstPathKey.subarray(1, 9))}`) >> 1n)) as Scid;

export const isMadeUp = (scid: Scid): boolean => scid >= MADE_UP;

/** Who is paid, as far as ways are concerned: a blinded payee goes by the last blinded id of its first tail. */
export const payeeOf = ({ path }: BlindedTail): NodeId =>
  nodeId(toHex(path.hops.at(-1)?.blindedNodeId ?? path.firstNodeId));

/** A tail as a channel that leads from its introduction node to the payee. */
export const hintOfTail = (tail: BlindedTail): Hint => {
  const { cltvExpiryDelta, ...asked } = tail.payInfo;
  return [
    { nodeId: nodeId(toHex(tail.path.firstNodeId)), scid: scidOfTail(tail), cltvExpiryDelta, ...asked },
  ];
};

/** The tail that a way ends with; null where it ends with a node that says who it is. */
export function tailOf(
  { blindedTails = [] }: Pick<Recipient, 'blindedTails'>,
  hops: readonly RouteHop[],
): BlindedTail | null {
  const scid = hops.at(-1)?.scid ?? null;
  return scid === null ? null : (blindedTails.find((tail) => scidOfTail(tail) === scid) ?? null);
}

/** The place in a way of whoever answers for the payee: where it introduces itself, the introduction node. */
export const placeOfPayee = (recipient: Pick<Recipient, 'blindedTails'>, hops: readonly RouteHop[]): number =>
  hops.length - (tailOf(recipient, hops)?.path.hops.length === 1 ? 2 : 1);

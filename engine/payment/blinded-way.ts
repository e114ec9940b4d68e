import { toHex } from '../base/bytes.ts';
import { nodeId, type NodeId } from '../base/ids.ts';
import { blockHeight, msat, type Msat, type Scid } from '../base/units.ts';
import { blindedHops, type BlindedTail } from '../onion/blinded-tail.ts';
import type { LastLayers } from '../onion/layers.ts';
import { shiftSize } from '../onion/sphinx.ts';
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

/** An expiry of three bytes: see `relayLayer`. */
const ANY_EXPIRY = blockHeight(0xff_ffff);

/** What the layers of the path take in an onion, `total` being what arrives in all parts together. */
function layersOf({ path }: BlindedTail, total: Msat): LastLayers {
  const sizes = blindedHops(path, { amount: msat(0), cltvExpiry: ANY_EXPIRY, total }).map(
    ({ payload }) => payload.length,
  );
  const before = sizes.slice(0, -1).reduce((sum, size) => sum + shiftSize(size), 0);
  return { before, payload: sizes.at(-1) ?? 0 };
}

/** A tail as a channel that leads from its introduction node to the payee. */
export const hintOfTail = (tail: BlindedTail, total: Msat): Hint => {
  const { cltvExpiryDelta, ...asked } = tail.payInfo;
  const introduction = nodeId(toHex(tail.path.firstNodeId));
  const layers = layersOf(tail, total);
  return [{ nodeId: introduction, scid: scidOfTail(tail), cltvExpiryDelta, layers, ...asked }];
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

import { toHex } from '../base/bytes.ts';
import type { NodeId, Point } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import type { Scid } from '../base/units.ts';
import { decode, encode } from '../codec/field.ts';
import { rawTlvs, type RawTlv } from '../codec/tlv.ts';
import type { OnionMessage } from '../wire/onion-message.ts';
import { blindPath, openRecipientData, type BlindedPath } from './blinding.ts';
import { peelOnion } from './peel.ts';
import { decodeRecipientData, encodeAlike, type RecipientData } from './recipient-data.ts';
import type { NodeEcdh } from './session.ts';
import {
  buildOnion,
  LARGE_MESSAGE_PAYLOADS_LENGTH,
  PAYMENT_PAYLOADS_LENGTH,
  shiftSize,
  type OnionTooLong,
} from './sphinx.ts';

/** BOLT 4 §The `onion_message` Message: `onionmsg_tlv`. */
const REPLY_PATH = 2n;
const ENCRYPTED_RECIPIENT_DATA = 4n;
/** invoice_request, invoice, invoice_error. */
const KNOWN_EVEN: ReadonlySet<bigint> = new Set([REPLY_PATH, ENCRYPTED_RECIPIENT_DATA, 64n, 66n, 68n]);
/** "Field numbers 64 and above are reserved for payloads for the final hop". */
const FIRST_PAYLOAD = 64n;
/** "MUST NOT use any `associated_data` in the Sphinx construction." */
const NO_DATA = new Uint8Array(0);

export type OpenedMessage =
  | {
      readonly tag: 'forward';
      readonly next: { readonly nodeId: NodeId } | { readonly scid: Scid };
      readonly message: OnionMessage;
    }
  | {
      readonly tag: 'arrived';
      /** What the path is known by to who made it. */
      readonly pathId: Uint8Array | null;
      /** All but what it was addressed by: a reply path, a payload, odd records. */
      readonly records: readonly RawTlv[];
    }
  /** "there is no error returned from intermediary nodes": whatever is wrong with it, nobody hears of it. */
  | { readonly tag: 'ignored'; readonly why: string };

const ignored = (why: string): OpenedMessage => ({ tag: 'ignored', why });

/** BOLT 4 §Onion Messages: "The reader". */
export function openOnionMessage({ pathKey, packet }: OnionMessage, ecdh: NodeEcdh): OpenedMessage {
  const peeled = peelOnion(packet, NO_DATA, ecdh, pathKey);
  // "If decryption fails, the result is not a valid `onionmsg_tlv`, or it contains unknown even types: MUST ignore the
  // message."
  if (!peeled.ok) return ignored('it cannot be decrypted');
  const { payload, next } = peeled.value;
  const records = decode(rawTlvs, payload);
  if (!records.ok) return ignored('no valid onionmsg_tlv');
  if (records.value.some(({ type }) => type % 2n === 0n && !KNOWN_EVEN.has(type)))
    return ignored('an unknown even record');
  const address = records.value.find(({ type }) => type === ENCRYPTED_RECIPIENT_DATA);
  if (address === undefined) return ignored('no encrypted_recipient_data');
  const others = records.value.filter((record) => record !== address);
  const opened = openRecipientData(ecdh, pathKey, address.value);
  const data = opened && decodeRecipientData(opened.data);
  if (opened === null || data === null) return ignored('its encrypted_recipient_data cannot be read');
  // "MUST NOT include `payment_relay` or `payment_constraints` in any `encrypted_data_tlv`": it is a path for payments.
  if (data.paymentRelay !== undefined || data.paymentConstraints !== undefined)
    return ignored('a path for payments');
  // "MUST ignore the message if: `encrypted_data_tlv.allowed_features.features` contains an unknown feature bit (even if
  // it is odd)." BOLT 9 gives none for messages.
  if (data.allowedFeatures?.some((byte) => byte !== 0) === true) return ignored('an unknown feature');

  if (next === null) {
    // "if the `onionmsg_tlv` contains more than one payload field: MUST ignore the message."
    if (others.filter(({ type }) => type >= FIRST_PAYLOAD).length > 1) return ignored('several payloads');
    return { tag: 'arrived', pathId: data.pathId ?? null, records: others };
  }
  // "if the `onionmsg_tlv` contains other tlv fields than `encrypted_recipient_data`: MUST ignore the message."
  if (others.length > 0) return ignored('other records for who relays it');
  // "if the `encrypted_data_tlv` contains `path_id`: MUST ignore the message."
  if (data.pathId !== undefined) return ignored('a path_id for who relays it');
  const to = nextOf(data);
  if (to === null) return ignored('nobody to relay it to');
  // "MUST set `path_key` in the forwarded `onion_message` to the next `path_key` as calculated in Route Blinding."
  const nextKey = data.nextPathKeyOverride ?? opened.nextPathKey;
  return {
    tag: 'forward',
    next: to,
    message: { name: 'onion_message', pathKey: nextKey, packet: next },
  };
}

// "if `next_node_id` is present: the next peer is the peer with that node id. otherwise, if `short_channel_id` is present"
function nextOf({ nextNodeId, shortChannelId }: RecipientData) {
  if (nextNodeId !== undefined) return { nodeId: toHex(nextNodeId) as NodeId };
  return shortChannelId === undefined ? null : { scid: shortChannelId };
}

/**
 * A path along which messages may come.
 * @param pathSecret 32 random bytes, never used twice.
 * @param nodeIds from the introduction node to who reads the message, each connected to the next.
 * @param pathId what the last of them knows the path by.
 */
export function blindForMessages(
  pathSecret: Uint8Array,
  nodeIds: readonly Point[],
  pathId: Uint8Array | null,
): BlindedPath {
  // "MUST include either `next_node_id` or `short_channel_id` in the `encrypted_data_tlv` for each non-final node."
  const data = encodeAlike(
    nodeIds.map((_, i): RecipientData => {
      const nextNodeId = nodeIds[i + 1];
      if (nextNodeId !== undefined) return { nextNodeId };
      return pathId === null ? {} : { pathId };
    }),
  );
  return blindPath(
    pathSecret,
    nodeIds.map((nodeId, i) => ({ nodeId, data: data[i] ?? NO_DATA })),
  ).path;
}

/**
 * BOLT 4 §Onion Messages: "The writer".
 * @param sessionKey 32 random bytes, never used twice.
 * @param records for who reads it, beside the address.
 * @returns what goes to `path.firstNodeId`.
 */
export function buildOnionMessage(
  sessionKey: Uint8Array,
  { firstPathKey, hops }: BlindedPath,
  records: readonly RawTlv[],
): Result<OnionMessage, OnionTooLong> {
  const layers = hops.map(({ blindedNodeId, encryptedRecipientData }, i) => {
    // "For the non-final nodes' `onionmsg_tlv`: MUST NOT set fields other than `encrypted_recipient_data`."
    const all = [
      { type: ENCRYPTED_RECIPIENT_DATA, value: encryptedRecipientData },
      ...(i === hops.length - 1 ? records : []),
    ];
    const payload = encode(
      rawTlvs,
      all.toSorted((a, b) => (a.type < b.type ? -1 : 1)),
    );
    return { nodeId: blindedNodeId, payload };
  });
  const needed = layers.reduce((sum, { payload }) => sum + shiftSize(payload.length), 0);
  // "SHOULD set `onion_message_packet` `len` to 1366 or 32834."
  const room = needed <= PAYMENT_PAYLOADS_LENGTH ? PAYMENT_PAYLOADS_LENGTH : LARGE_MESSAGE_PAYLOADS_LENGTH;
  const built = buildOnion(sessionKey, layers, NO_DATA, room);
  return built.ok ? ok({ name: 'onion_message', pathKey: firstPathKey, packet: built.value.packet }) : built;
}

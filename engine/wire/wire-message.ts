import { assert } from '../base/assert.ts';
import type { ChannelId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { DecodeError } from '../codec/decode-error.ts';
import { build, decode, type Field, type Infer } from '../codec/field.ts';
import { printProperties } from '../codec/print.ts';
import * as close from './channel-close.ts';
import * as openV2 from './channel-open-v2.ts';
import * as open from './channel-open.ts';
import * as commitment from './commitment.ts';
import * as connection from './connection.ts';
import * as query from './gossip-query.ts';
import * as gossip from './gossip.ts';
import * as htlc from './htlc-update.ts';
import * as interactive from './interactive-tx.ts';
import type { MessageMeta } from './meta.ts';
import { onionMessage } from './onion-message.ts';
import { peerStorage, peerStorageRetrieval } from './peer-storage.ts';
import * as splice from './splice.ts';

const channelMessages = [
  open.openChannel,
  open.acceptChannel,
  open.fundingCreated,
  open.fundingSigned,
  open.channelReady,
  openV2.openChannel2,
  openV2.acceptChannel2,
  interactive.txAddInput,
  interactive.txAddOutput,
  interactive.txRemoveInput,
  interactive.txRemoveOutput,
  interactive.txComplete,
  interactive.txSignatures,
  interactive.txInitRbf,
  interactive.txAckRbf,
  interactive.txAbort,
  splice.stfu,
  splice.spliceInit,
  splice.spliceAck,
  splice.spliceLocked,
  close.shutdown,
  close.closingSigned,
  close.closingComplete,
  close.closingSig,
  htlc.updateAddHtlc,
  htlc.updateFulfillHtlc,
  htlc.updateFailHtlc,
  htlc.updateFailMalformedHtlc,
  htlc.updateFee,
  commitment.startBatch,
  commitment.commitmentSigned,
  commitment.revokeAndAck,
  commitment.channelReestablish,
  gossip.announcementSignatures,
] as const;

/** Every message that is declared. */
export const MESSAGES = [
  connection.init,
  connection.error,
  connection.warning,
  connection.ping,
  connection.pong,
  peerStorage,
  peerStorageRetrieval,
  ...channelMessages,
  onionMessage,
  gossip.channelAnnouncement,
  gossip.nodeAnnouncement,
  gossip.channelUpdate,
  query.queryShortChannelIds,
  query.replyShortChannelIdsEnd,
  query.queryChannelRange,
  query.replyChannelRange,
  query.gossipTimestampFilter,
] as const;

/** The messages that name one channel, by `channelId` or `temporaryChannelId`; not `error` and `warning`. */
export type ChannelMessage = Infer<(typeof channelMessages)[number]>;
export type KnownMessage = Infer<(typeof MESSAGES)[number]>;
/** A message of a type that is not declared. Even ones the peer session must refuse, unless they are custom. */
export type UnknownMessage = {
  readonly name: 'unknown';
  readonly type: number;
  readonly payload: Uint8Array;
};
export type WireMessage = KnownMessage | UnknownMessage;

/** BOLT 1: "the maximum possible size is 65535 bytes", the type included. */
export const MAX_MESSAGE_LENGTH = 65_535;

type Declaration = Field<unknown> & {
  readonly type: number;
  readonly name: KnownMessage['name'];
  readonly meta: MessageMeta;
  readonly shape: (typeof MESSAGES)[number]['shape'];
};
const declarations: readonly Declaration[] = MESSAGES;
const byType = new Map(declarations.map((declared) => [declared.type, declared]));
const byName = new Map<string, Declaration>(declarations.map((declared) => [declared.name, declared]));

function declarationOf(message: KnownMessage): Declaration {
  const declared = byName.get(message.name);
  assert(declared !== undefined, 'undeclared message');
  return declared;
}

/** The two bytes of the type, then the message. */
export function encodeMessage(message: WireMessage): Uint8Array {
  const bytes = build((writer) => {
    if (message.name === 'unknown') {
      writer.u16(message.type);
      writer.bytes(message.payload);
    } else {
      const declared = declarationOf(message);
      writer.u16(declared.type);
      declared.write(writer, message);
    }
  });
  assert(bytes.length <= MAX_MESSAGE_LENGTH, 'message longer than a frame');
  return bytes;
}

/** Never throws. The error's field is `message.field`; its offset counts from the first byte after the type. */
export function decodeMessage(bytes: Uint8Array): Result<WireMessage, DecodeError> {
  if (bytes.length < 2) return err({ code: 'truncated', field: 'type', offset: 0 });
  const type = new DataView(bytes.buffer, bytes.byteOffset, 2).getUint16(0);
  const declared = byType.get(type);
  if (declared === undefined) return ok({ name: 'unknown', type, payload: bytes.slice(2) });
  const decoded = decode(declared, bytes.subarray(2));
  if (decoded.ok) return ok(decoded.value as KnownMessage);
  return err({ ...decoded.error, field: `${declared.name}.${decoded.error.field}` });
}

/** The type number of a message. */
export const typeOf = (message: WireMessage): number =>
  message.name === 'unknown' ? message.type : declarationOf(message).type;

/** Null for a message that is not declared. */
export const metaOf = (message: WireMessage): MessageMeta | null =>
  message.name === 'unknown' ? null : declarationOf(message).meta;

/** The channel that a message is about, by its lasting or temporary id; null when it names none. */
export function channelIdOf(message: WireMessage): ChannelId | null {
  if ('channelId' in message) return message.channelId;
  return 'temporaryChannelId' in message ? message.temporaryChannelId : null;
}

/** One line for logs: no secrets, no long payloads, nothing that could pass for another line. */
export function printMessage(message: WireMessage): string {
  if (message.name === 'unknown') return `message ${message.type} (${message.payload.length} bytes)`;
  const { required, optional } = declarationOf(message).shape;
  return `${message.name} ${printProperties({ ...required, ...optional }, message)}`;
}

import { channelId as channelIdOf } from '../base/ids.ts';
import { restBytes, varBytes } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { blockHash, channelId } from '../codec/ids.ts';
import { u16 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { restList } from '../codec/sequences.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { plain } from './meta.ts';

/** BOLT 1 §The `init` Message. `remoteAddress` is one address descriptor: see node-address.ts. */
export const init = message(
  16,
  'init',
  { globalFeatures: varBytes, features: varBytes },
  tlvs({ networks: tlv(1, restList(blockHash)), remoteAddress: tlv(3, restBytes) }),
  plain('connection'),
);
export type Init = Infer<typeof init>;

/** BOLT 1 §The `error` and `warning` Messages: an id of all zeros means all channels with the sender. */
export const ALL_CHANNELS = channelIdOf('00'.repeat(32));

/** BOLT 1 §The `error` and `warning` Messages. */
export const error = message(17, 'error', { channelId, data: varBytes }, tlvs({}), plain('connection'));
export type ErrorMessage = Infer<typeof error>;

export const warning = message(1, 'warning', { channelId, data: varBytes }, tlvs({}), plain('connection'));
export type Warning = Infer<typeof warning>;

/** BOLT 1 §The `ping` and `pong` Messages. */
export const ping = message(18, 'ping', { pongBytes: u16, ignored: varBytes }, tlvs({}), plain('connection'));
export type Ping = Infer<typeof ping>;

export const pong = message(19, 'pong', { ignored: varBytes }, tlvs({}), plain('connection'));
export type Pong = Infer<typeof pong>;

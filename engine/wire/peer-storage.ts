import { varBytes } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import { tlvs } from '../codec/tlv.ts';
import { plain } from './meta.ts';

/** BOLT 1 §Peer storage: "MUST limit its `blob` to 65531 bytes." */
export const MAX_PEER_STORAGE_BLOB = 65_531;

export const peerStorage = message(7, 'peer_storage', { blob: varBytes }, tlvs({}), plain('peer-storage'));
export type PeerStorage = Infer<typeof peerStorage>;

export const peerStorageRetrieval = message(
  9,
  'peer_storage_retrieval',
  { blob: varBytes },
  tlvs({}),
  plain('peer-storage'),
);
export type PeerStorageRetrieval = Infer<typeof peerStorageRetrieval>;
